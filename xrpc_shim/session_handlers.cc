#include "xrpc_shim/session_handlers.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "xrpc_shim/json_message.h"
#include "xrpc_shim/session_account.h"
#include "xrpc_shim/session_credential.h"
#include "xrpc_shim/session_error.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

HttpResponse Refuse(const absl::Status& error, const HttpRequest& http) {
  return ErrorResponse(error, http.request_id);
}

HttpResponse EmptyResponse() {
  HttpResponse response;
  response.status = 200;
  response.content_type.clear();
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

HttpResponse SessionHandlers::Refresh(const XrpcCall& call) const {
  const HttpRequest& http = call.http;
  const absl::StatusOr<SessionCredential> credential = ReadSessionCredential(http, proofs_, clock_.Now());
  if (!credential.ok()) return Refuse(credential.status(), http);
  if (absl::Status input = CheckNoInput(http); !input.ok()) return Refuse(input, http);
  pb::RefreshSessionRequest request;
  request.set_refresh_jwt(credential->jwt);
  request.set_dpop_jkt(credential->dpop_jkt);
  const absl::StatusOr<pb::RefreshSessionResponse> reply =
      tokens_.RefreshSession(request, {http.deadline, http.request_id, http.trace});
  if (!reply.ok()) return Refuse(FromSessionService(reply.status()), http);
  if (reply->has_refusal()) return Refuse(FromSessionRefusal(reply->refusal(), *credential), http);
  if (!reply->has_tokens()) return Refuse(XrpcError(XrpcErrorName::kInternalServerError), http);

  const pb::SessionTokens& session = reply->tokens();
  nlohmann::ordered_json output = {{"accessJwt", session.access_jwt()}, {"refreshJwt", session.refresh_jwt()}};
  output.update(DescribeAccount(session.did(), session.status(), resolve_(session.did(), Freshness::kCached)));
  HttpResponse response = JsonResponse(output);
  response.log_did = session.did();
  return response;
}

HttpResponse SessionHandlers::Get(const XrpcCall& call) const {
  const HttpRequest& http = call.http;
  const absl::StatusOr<SessionCredential> credential = ReadSessionCredential(http, proofs_, clock_.Now());
  if (!credential.ok()) return Refuse(credential.status(), http);
  pb::GetSessionRequest request;
  request.set_access_jwt(credential->jwt);
  request.set_dpop_jkt(credential->dpop_jkt);
  const absl::StatusOr<pb::GetSessionResponse> reply =
      tokens_.GetSession(request, {http.deadline, http.request_id, http.trace});
  if (!reply.ok()) return Refuse(FromSessionService(reply.status()), http);
  if (reply->has_refusal()) return Refuse(FromSessionRefusal(reply->refusal(), *credential), http);
  if (!reply->has_session()) return Refuse(XrpcError(XrpcErrorName::kInternalServerError), http);

  const pb::Session& session = reply->session();
  const absl::Status admitted = rates_.AdmitViewer(session.did());
  HttpResponse response =
      admitted.ok()
          ? JsonResponse(DescribeAccount(session.did(), session.status(), resolve_(session.did(), Freshness::kCached)))
          : Refuse(admitted, http);
  response.log_did = session.did();
  return response;
}

HttpResponse SessionHandlers::Delete(const XrpcCall& call) const {
  const HttpRequest& http = call.http;
  const absl::StatusOr<SessionCredential> credential = ReadSessionCredential(http, proofs_, clock_.Now());
  if (!credential.ok()) return Refuse(credential.status(), http);
  if (absl::Status input = CheckNoInput(http); !input.ok()) return Refuse(input, http);
  pb::DeleteSessionRequest request;
  request.set_refresh_jwt(credential->jwt);
  request.set_dpop_jkt(credential->dpop_jkt);
  const absl::StatusOr<pb::DeleteSessionResponse> reply =
      tokens_.DeleteSession(request, {http.deadline, http.request_id, http.trace});
  if (!reply.ok()) return Refuse(FromSessionService(reply.status()), http);
  if (reply->has_refusal()) return Refuse(FromSessionRefusal(reply->refusal(), *credential), http);
  return EmptyResponse();
}

}  // namespace tokens::xrpc
