#ifndef XRPC_SHIM_DID_REPLY_H_
#define XRPC_SHIM_DID_REPLY_H_

#include <string>

#include "absl/status/statusor.h"
#include "xrpc_shim/https_fetcher.h"

namespace tokens::xrpc {

// What we ask a directory or a did:web host for.
inline constexpr char kDidDocumentTypes[] = "application/did+ld+json, application/json";

// The document in `reply`. NOT_FOUND for 404 and 410, UNAVAILABLE for any other status that is not 2xx.
absl::StatusOr<std::string> DocumentIn(HttpReply reply, const std::string& did);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_DID_REPLY_H_
