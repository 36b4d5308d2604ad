#ifndef XRPC_SHIM_SESSION_ERROR_H_
#define XRPC_SHIM_SESSION_ERROR_H_

#include "absl/status/status.h"
#include "didpic/token/v1/session_service.pb.h"
#include "xrpc_shim/session_credential.h"

namespace tokens::xrpc {

// What a refused JWT is answered with, as an XrpcError: the reference's statuses and names, by which clients decide
// whether to throw a session away. 400 InvalidToken, 400 ExpiredToken (revoked too), 401 AccountTakedown, 401
// MissingTokenId. A bound session without its key: 400 InvalidToken with "Bearer", as the reference refuses a bound
// token there, 401 InvalidToken with a DPoP challenge (RFC 9449 §7.1) with "DPoP".
absl::Status FromSessionRefusal(const didpic::token::v1::SessionRefusal& refusal, const SessionCredential& credential);

// What a failed call of SessionService means to the client, as an XrpcError: never a 401, InvalidToken or ExpiredToken.
// MethodNotImplemented where this deployment has no sessions, otherwise as FromTokenService.
absl::Status FromSessionService(const absl::Status& status);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SESSION_ERROR_H_
