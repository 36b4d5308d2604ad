#ifndef XRPC_SHIM_REVOKE_HANDLER_H_
#define XRPC_SHIM_REVOKE_HANDLER_H_

#include "token_service/client/token_client.h"
#include "xrpc_shim/router.h"
#include "xrpc_shim/viewer_auth.h"

namespace tokens::xrpc {

// The procedure app.didpic.identity.revokeWidgetToken (xrpc_shim/lexicons): input {id} or {token}, exactly one; output
// {}. Idempotent, and no oracle: the answer is the same whether the token was live, had ended, is another account's or
// never was. By `id` it ends the viewer's own tokens only; by `token` whatever token it is, for whoever holds a token
// may end it. A widget token calls this to end itself, with itself as `token`; otherwise InsufficientScope. Each
// service JWT or DPoP proof revokes once.
// Thread-safe; blocks on the directory and on the token service.
class RevokeHandler {
 public:
  // Both must outlive this.
  RevokeHandler(const ViewerAuth& auth, TokenClient& tokens) : auth_(auth), tokens_(tokens) {}

  HttpResponse Handle(const XrpcCall& call) const;

 private:
  const ViewerAuth& auth_;
  TokenClient& tokens_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_REVOKE_HANDLER_H_
