#ifndef XRPC_SHIM_BEARER_TOKEN_H_
#define XRPC_SHIM_BEARER_TOKEN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// What a request's Authorization field presents (RFC 6750 §2.1). Views the request.
struct BearerToken {
  enum class Kind {
    kWidgetToken,  // One of ours: dpwt_… or another profile's prefix.
    kJwt,          // Anything else; to be verified.
  };
  Kind kind;
  absl::string_view text;
};

// True for 1 to 4,096 characters of which credentials are made: b64token of RFC 6750 §2.1, without its trailing "=",
// since nothing we take has padding.
bool IsTokenText(absl::string_view text);

// Reads the Authorization field. The scheme is compared without regard to case; the token is not checked.
// AuthMissing if there is none or its scheme is not Bearer; BadJwt if there are several, or if it is not one token of
// at most 4 KiB.
absl::StatusOr<BearerToken> ReadBearerToken(const HttpRequest& request);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_BEARER_TOKEN_H_
