#ifndef XRPC_SHIM_MINT_HANDLER_H_
#define XRPC_SHIM_MINT_HANDLER_H_

#include "token_service/client/token_client.h"
#include "xrpc_shim/router.h"
#include "xrpc_shim/viewer_auth.h"

namespace tokens::xrpc {

// The procedure app.didpic.identity.mintWidgetToken (xrpc_shim/lexicons): no input, output {token, expiresAt}. Each
// service JWT or DPoP proof mints once: its single-use id goes along with the mint, and the token service refuses the
// second. The optional query parameter `label` (at most 128 bytes of UTF-8 without control characters) names the token
// in lists; it is not in the lexicon, whose callers need not know it.
// Thread-safe; blocks on the directory and on the token service.
class MintHandler {
 public:
  // Both must outlive this.
  MintHandler(const ViewerAuth& auth, TokenClient& tokens) : auth_(auth), tokens_(tokens) {}

  HttpResponse Handle(const XrpcCall& call) const;

 private:
  const ViewerAuth& auth_;
  TokenClient& tokens_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_MINT_HANDLER_H_
