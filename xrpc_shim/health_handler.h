#ifndef XRPC_SHIM_HEALTH_HANDLER_H_
#define XRPC_SHIM_HEALTH_HANDLER_H_

#include "token_service/client/token_client.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// GET /xrpc/_health: 200 {"version"} if the token service can be reached and is serving, otherwise 503
// {"version","error"}, as the reference PDS answers. Blocks for at most a second.
HttpResponse HealthResponse(TokenClient& tokens, const HttpRequest& request);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_HEALTH_HANDLER_H_
