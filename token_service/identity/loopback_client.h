#ifndef TOKEN_SERVICE_IDENTITY_LOOPBACK_CLIENT_H_
#define TOKEN_SERVICE_IDENTITY_LOOPBACK_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "token_service/identity/client_metadata.h"

namespace tokens {

// The metadata of a loopback development client (https://atproto.com/specs/oauth#localhost-client-development): no
// document exists, its id says it all. `client_id` is http://localhost, then "/" or not, then a query or not, with
// `redirect_uri` (any number, loopback addresses only) and `scope` (at most one). Otherwise ClientRejected. Pure.
absl::StatusOr<ClientMetadata> DescribeLoopbackClient(const std::string& client_id);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_LOOPBACK_CLIENT_H_
