#ifndef XRPC_SHIM_SINGLE_USE_H_
#define XRPC_SHIM_SINGLE_USE_H_

#include "absl/status/status.h"
#include "didpic/token/v1/token_service.pb.h"
#include "token_service/client/token_client.h"
#include "xrpc_shim/http_message.h"
#include "xrpc_shim/viewer.h"

namespace tokens::xrpc {

// The viewer's proof as the token service is told of it: remembered for longer than the proof holds, by more than
// clocks may differ.
didpic::token::v1::SingleUseId SingleUseIdOf(const Viewer& viewer);

// Spends the viewer's proof, in all shims, for a call of any method but mint, whose request spends it itself. To be
// called once all else about the request is in order. The viewer's `if_replayed` if it was spent before; otherwise as
// FromTokenService.
absl::Status SpendProof(TokenClient& tokens, const Viewer& viewer, const HttpRequest& http);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SINGLE_USE_H_
