#ifndef XRPC_SHIM_REVOKE_ALL_HANDLER_H_
#define XRPC_SHIM_REVOKE_ALL_HANDLER_H_

#include "token_service/client/token_client.h"
#include "xrpc_shim/router.h"
#include "xrpc_shim/viewer_auth.h"

namespace tokens::xrpc {

// The procedure app.didpic.identity.revokeAllWidgetTokens (xrpc_shim/lexicons): no input, output {revokedCount}. Ends
// every token of the viewer that was minted before. Idempotent, but each service JWT or DPoP proof does it once.
// Thread-safe; blocks on the directory and on the token service.
class RevokeAllHandler {
 public:
  // Both must outlive this.
  RevokeAllHandler(const ViewerAuth& auth, TokenClient& tokens) : auth_(auth), tokens_(tokens) {}

  HttpResponse Handle(const XrpcCall& call) const;

 private:
  const ViewerAuth& auth_;
  TokenClient& tokens_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_REVOKE_ALL_HANDLER_H_
