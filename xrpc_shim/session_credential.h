#ifndef XRPC_SHIM_SESSION_CREDENTIAL_H_
#define XRPC_SHIM_SESSION_CREDENTIAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "xrpc_shim/dpop_proof.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// The JWT of a session that a request presents, not verified yet: the token service does that. A value.
struct SessionCredential {
  std::string jwt;       // 1 to 4,096 characters of the alphabet of tokens.
  std::string dpop_jkt;  // Thumbprint of the key whose proof came with it, verified; empty with "Bearer".
};

// Reads the Authorization field of a session method as the reference PDS does (@atproto/pds, auth-verifier), and takes
// the scheme DPoP as well, for sessions that are bound to a key. Errors, in this order (XrpcError):
//   AuthMissing          no Authorization, or Basic
//   InvalidToken (400)   not one field of two words, another scheme, or not the text of a token
//   those of DpopVerifier, for the scheme DPoP
absl::StatusOr<SessionCredential> ReadSessionCredential(const HttpRequest& request, const DpopVerifier& proofs,
                                                        absl::Time now);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SESSION_CREDENTIAL_H_
