#ifndef XRPC_SHIM_ROUTES_H_
#define XRPC_SHIM_ROUTES_H_

#include "token_service/base/clock.h"
#include "token_service/client/token_client.h"
#include "xrpc_shim/account_lookup.h"
#include "xrpc_shim/config.h"
#include "xrpc_shim/list_handler.h"
#include "xrpc_shim/mint_handler.h"
#include "xrpc_shim/rate_gate.h"
#include "xrpc_shim/revoke_all_handler.h"
#include "xrpc_shim/revoke_handler.h"
#include "xrpc_shim/router.h"
#include "xrpc_shim/session_handlers.h"
#include "xrpc_shim/signing_keys_handler.h"
#include "xrpc_shim/viewer_authentication.h"

namespace tokens::xrpc {

// Everything that the shim serves, and who serves it. Thread-safe.
class Routes {
 public:
  // What is passed must outlive this.
  Routes(const ShimConfig& config, TokenClient& client, AccountLookup& accounts,
         const ViewerAuthentication& authentication, RateGate& rates, Clock& clock);

  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  HttpResponse Route(const HttpRequest& request) const { return router_.Route(request); }

 private:
  void AddPages(const ShimConfig& config, TokenClient& client);
  void AddTokenMethods(RateGate& rates);
  void AddSessionMethods(RateGate& rates);

  const MintHandler mint_;
  const ListHandler list_;
  const RevokeHandler revoke_;
  const RevokeAllHandler revoke_all_;
  const SessionHandlers sessions_;
  SigningKeysHandler signing_keys_;
  Router router_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_ROUTES_H_
