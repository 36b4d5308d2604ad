#ifndef XRPC_SHIM_SESSION_HANDLERS_H_
#define XRPC_SHIM_SESSION_HANDLERS_H_

#include <utility>

#include "token_service/base/clock.h"
#include "token_service/client/token_client.h"
#include "token_service/identity/did_resolver.h"
#include "xrpc_shim/dpop_proof.h"
#include "xrpc_shim/rate_gate.h"
#include "xrpc_shim/router.h"

namespace tokens::xrpc {

inline constexpr char kRefreshSession[] = "com.atproto.server.refreshSession";
inline constexpr char kGetSession[] = "com.atproto.server.getSession";
inline constexpr char kDeleteSession[] = "com.atproto.server.deleteSession";

// Sessions that SessionService.CreateSession began, for the clients of the reference PDS: inputs, outputs, statuses and
// names are its own (https://github.com/bluesky-social/atproto, packages/pds/src/api/com/atproto/server), except that
// deleteSession ends the whole session, its later JWTs too. Authorization is "Bearer JWT", or "DPoP JWT" with a proof
// for a session that is bound to a key; the proof is verified before the token service hears of the call. Its errors
// are those of ReadSessionCredential, InvalidRequest for a body, FromSessionRefusal and FromSessionService.
// Thread-safe; blocks on the token service and on the directory.
class SessionHandlers {
 public:
  // `tokens`, `rates` and `clock` must outlive this, and so must whatever `resolve` refers to.
  SessionHandlers(DpopVerifier proofs, TokenClient& tokens, ResolveDid resolve, RateGate& rates, Clock& clock)
      : proofs_(std::move(proofs)), tokens_(tokens), resolve_(std::move(resolve)), rates_(rates), clock_(clock) {}

  // Procedure; refresh JWT. {accessJwt, refreshJwt} and what DescribeAccount tells. The viewer's rate is not counted:
  // the viewer is known only after the exchange, when a 429 would withhold its result from its owner.
  HttpResponse Refresh(const XrpcCall& call) const;

  // Query; access JWT. What DescribeAccount tells. Also RateLimitExceeded if the viewer has made too many requests.
  HttpResponse Get(const XrpcCall& call) const;

  // Procedure; a refresh JWT, which may have expired or been exchanged. No output. Idempotent.
  HttpResponse Delete(const XrpcCall& call) const;

 private:
  const DpopVerifier proofs_;
  TokenClient& tokens_;
  const ResolveDid resolve_;
  RateGate& rates_;
  Clock& clock_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SESSION_HANDLERS_H_
