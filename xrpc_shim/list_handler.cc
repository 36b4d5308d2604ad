#include "xrpc_shim/list_handler.h"

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "token_service/base/utf8.h"
#include "xrpc_shim/json_message.h"
#include "xrpc_shim/single_use.h"
#include "xrpc_shim/token_service_error.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

constexpr int kDefaultLimit = 50;
constexpr int kMaxLimit = 100;

absl::Status Refuse(absl::string_view message) { return XrpcError(XrpcErrorName::kInvalidRequest, message); }

// Everything but the viewer.
absl::StatusOr<pb::ListTokensRequest> ReadParams(const QueryParams& params) {
  const absl::StatusOr<std::optional<std::string>> limit = FindParam(params, "limit");
  if (!limit.ok()) return limit.status();
  const absl::StatusOr<std::optional<std::string>> cursor = FindParam(params, "cursor");
  if (!cursor.ok()) return cursor.status();
  int size = kDefaultLimit;
  if (limit->has_value() && (!absl::SimpleAtoi(**limit, &size) || size < 1 || size > kMaxLimit)) {
    return Refuse("limit: must be an integer from 1 to 100");
  }
  pb::ListTokensRequest request;
  request.set_page_size(size);
  if (cursor->has_value()) {
    if (!IsUtf8(**cursor)) return Refuse("cursor: is not one of ours");
    request.set_page_token(**cursor);
  }
  return request;
}

// The value in the lexicon; null if the type is not known.
const char* NameOf(pb::OauthClient::Type type) {
  switch (type) {
    case pb::OauthClient::PUBLIC: return "public";
    case pb::OauthClient::CONFIDENTIAL: return "confidential";
    case pb::OauthClient::LOOPBACK: return "loopback";
    default: return nullptr;
  }
}

nlohmann::ordered_json ToJson(const pb::TokenMetadata& token) {
  nlohmann::ordered_json json = {{"id", token.token_id()},
                                 {"createdAt", DatetimeOf(token.issue_time())},
                                 {"expiresAt", DatetimeOf(token.expire_time())}};
  if (token.has_last_used_time()) json["lastUsedAt"] = DatetimeOf(token.last_used_time());
  if (!token.label().empty()) json["label"] = token.label();
  if (!token.client_id().empty()) json["clientId"] = token.client_id();
  if (!token.client_name().empty()) json["clientName"] = token.client_name();
  if (const char* type = NameOf(token.client_type()); type != nullptr) json["clientType"] = type;
  return json;
}

HttpResponse List(TokenClient& tokens, const pb::ListTokensRequest& request, const Viewer& viewer,
                  const HttpRequest& http) {
  if (absl::Status spent = SpendProof(tokens, viewer, http); !spent.ok()) {
    return ErrorResponse(spent, http.request_id);
  }
  const absl::StatusOr<pb::ListTokensResponse> list =
      tokens.ListTokens(request, {http.deadline, http.request_id, http.trace});
  if (!list.ok()) return ErrorResponse(FromTokenService(list.status(), {"page_token", "cursor"}), http.request_id);
  nlohmann::ordered_json body = {{"tokens", nlohmann::ordered_json::array()}};
  for (const pb::TokenMetadata& token : list->tokens()) body["tokens"].push_back(ToJson(token));
  if (!list->next_page_token().empty()) body["cursor"] = list->next_page_token();
  return JsonResponse(body);
}

}  // namespace

HttpResponse ListHandler::Handle(const XrpcCall& call) const {
  const HttpRequest& http = call.http;
  absl::StatusOr<pb::ListTokensRequest> request = ReadParams(call.params);
  if (!request.ok()) return ErrorResponse(request.status(), http.request_id);
  const absl::StatusOr<Viewer> viewer = auth_.Authenticate(http, call.nsid);
  if (!viewer.ok()) return ErrorResponse(viewer.status(), http.request_id);
  request->set_did(viewer->did);
  HttpResponse response = List(tokens_, *request, *viewer, http);
  response.log_did = viewer->did;
  return response;
}

}  // namespace tokens::xrpc
