#ifndef XRPC_SHIM_TOKEN_SERVICE_ERROR_H_
#define XRPC_SHIM_TOKEN_SERVICE_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {

// A field of the call to the token service that holds what the viewer wrote, and what the lexicon calls it.
struct ViewerInput {
  absl::string_view field;  // Of the gRPC request; empty for none.
  absl::string_view name;
};

// What a failed call of the token service means to the viewer, as an XrpcError. A refusal of `input` is InvalidRequest
// with the token service's text; a spent single-use id is `if_replayed`; an account that mints too fast is
// RateLimitExceeded with the fields of RateHeaders. Whatever else says that this program or its
// set-up is at fault is a 500.
absl::Status FromTokenService(const absl::Status& status, const ViewerInput& input,
                              XrpcErrorName if_replayed = XrpcErrorName::kInternalServerError);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_TOKEN_SERVICE_ERROR_H_
