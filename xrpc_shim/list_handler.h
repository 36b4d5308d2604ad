#ifndef XRPC_SHIM_LIST_HANDLER_H_
#define XRPC_SHIM_LIST_HANDLER_H_

#include "token_service/client/token_client.h"
#include "xrpc_shim/router.h"
#include "xrpc_shim/viewer_auth.h"

namespace tokens::xrpc {

// The query app.didpic.identity.listWidgetTokens (xrpc_shim/lexicons): the viewer's live tokens, newest first, without
// their secrets; parameters `limit` (1 to 100) and `cursor`. A service JWT or DPoP proof lists once.
// Thread-safe; blocks on the directory and on the token service.
class ListHandler {
 public:
  // Both must outlive this.
  ListHandler(const ViewerAuth& auth, TokenClient& tokens) : auth_(auth), tokens_(tokens) {}

  HttpResponse Handle(const XrpcCall& call) const;

 private:
  const ViewerAuth& auth_;
  TokenClient& tokens_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_LIST_HANDLER_H_
