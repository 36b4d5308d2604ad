#include "xrpc_shim/revoke_all_handler.h"

#include "absl/status/statusor.h"
#include "xrpc_shim/json_message.h"
#include "xrpc_shim/single_use.h"
#include "xrpc_shim/token_service_error.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

HttpResponse RevokeAll(TokenClient& tokens, const Viewer& viewer, const HttpRequest& http) {
  if (absl::Status input = CheckNoInput(http); !input.ok()) return ErrorResponse(input, http.request_id);
  if (absl::Status spent = SpendProof(tokens, viewer, http); !spent.ok()) {
    return ErrorResponse(spent, http.request_id);
  }
  pb::RevokeRequest request;
  request.set_did(viewer.did);
  const absl::StatusOr<pb::RevokeResponse> revoked =
      tokens.Revoke(request, {http.deadline, http.request_id, http.trace});
  if (!revoked.ok()) return ErrorResponse(FromTokenService(revoked.status(), {}), http.request_id);
  return JsonResponse({{"revokedCount", revoked->revoked_count()}});
}

}  // namespace

HttpResponse RevokeAllHandler::Handle(const XrpcCall& call) const {
  const absl::StatusOr<Viewer> viewer = auth_.Authenticate(call.http, call.nsid);
  if (!viewer.ok()) return ErrorResponse(viewer.status(), call.http.request_id);
  HttpResponse response = RevokeAll(tokens_, *viewer, call.http);
  response.log_did = viewer->did;
  return response;
}

}  // namespace tokens::xrpc
