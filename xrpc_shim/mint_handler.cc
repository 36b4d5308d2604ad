#include "xrpc_shim/mint_handler.h"

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "token_service/base/log.h"
#include "token_service/base/utf8.h"
#include "xrpc_shim/json_message.h"
#include "xrpc_shim/single_use.h"
#include "xrpc_shim/token_service_error.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

absl::StatusOr<std::string> ReadLabel(const QueryParams& params) {
  const absl::StatusOr<std::optional<std::string>> label = FindParam(params, "label");
  if (!label.ok()) return label.status();
  if (!label->has_value()) return "";
  if (!IsUtf8(**label)) return XrpcError(XrpcErrorName::kInvalidRequest, "label: must be UTF-8");
  return **label;
}

pb::MintRequest MintRequestOf(const Viewer& viewer, const std::string& label) {
  pb::MintRequest request;
  request.set_did(viewer.did);
  request.set_client_id(viewer.client_id);
  request.set_label(label);
  *request.mutable_single_use_id() = SingleUseIdOf(viewer);
  return request;
}

pb::OauthClient::Type ToProto(ClientType type) {
  switch (type) {
    case ClientType::kPublic: return pb::OauthClient::PUBLIC;
    case ClientType::kConfidential: return pb::OauthClient::CONFIDENTIAL;
    case ClientType::kLoopback: return pb::OauthClient::LOOPBACK;
  }
  return pb::OauthClient::TYPE_UNSPECIFIED;
}

HttpResponse Answer(const absl::StatusOr<pb::MintResponse>& minted, const Viewer& viewer, const HttpRequest& http) {
  if (!minted.ok()) {
    const absl::Status error = FromTokenService(minted.status(), {"label", "label"}, viewer.if_replayed);
    return ErrorResponse(error, http.request_id);
  }
  HttpResponse response = JsonResponse({{"token", minted->token()}, {"expiresAt", DatetimeOf(minted->expire_time())}});
  response.log_token_id = minted->token_id();
  return response;
}

}  // namespace

void MintHandler::DescribeClient(const HttpRequest& http, pb::MintRequest* request) const {
  if (request->client_id().empty()) return;
  const absl::StatusOr<ClientSummary> client = find_client_(request->client_id());
  if (client.ok()) {
    request->set_client_name(client->name);
    request->set_client_type(ToProto(client->type));
    return;
  }
  LogFields fields;
  fields.request_id = http.request_id;
  fields.detail = client.status().message();
  Log(LogLevel::kInfo, "client_unknown", fields);
}

HttpResponse MintHandler::Handle(const XrpcCall& call) const {
  const HttpRequest& http = call.http;
  const absl::StatusOr<std::string> label = ReadLabel(call.params);
  if (!label.ok()) return ErrorResponse(label.status(), http.request_id);
  const absl::StatusOr<Viewer> viewer = auth_.Authenticate(http, call.nsid);
  if (!viewer.ok()) return ErrorResponse(viewer.status(), http.request_id);
  HttpResponse response;
  if (const absl::Status input = CheckNoInput(http); input.ok()) {
    pb::MintRequest request = MintRequestOf(*viewer, *label);
    DescribeClient(http, &request);
    response = Answer(tokens_.Mint(request, {http.deadline, http.request_id, http.trace}), *viewer, http);
  } else {
    response = ErrorResponse(input, http.request_id);
  }
  response.log_did = viewer->did;
  return response;
}

}  // namespace tokens::xrpc
