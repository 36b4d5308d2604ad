#include "xrpc_shim/revoke_handler.h"

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "xrpc_shim/bearer_token.h"
#include "xrpc_shim/json_message.h"
#include "xrpc_shim/single_use.h"
#include "xrpc_shim/token_service_error.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

constexpr size_t kMaxTextBytes = 4096;  // as in the lexicon; the token service takes no longer token

absl::Status Refuse(absl::string_view message) { return XrpcError(XrpcErrorName::kInvalidRequest, message); }

// Which token; whose is not set yet.
absl::StatusOr<pb::RevokeRequest> ReadInput(const HttpRequest& http) {
  const absl::StatusOr<nlohmann::json> input = ReadJsonInput(http);
  if (!input.ok()) return input.status();
  if (input->contains("id") == input->contains("token")) {
    return Refuse("Input must have exactly one of the properties \"id\" and \"token\"");
  }
  const char* property = input->contains("id") ? "id" : "token";
  const auto* text = input->at(property).get_ptr<const std::string*>();
  if (text == nullptr) return Refuse(absl::StrCat("Input/", property, " must be a string"));
  if (text->size() > kMaxTextBytes) return Refuse(absl::StrCat("Input/", property, " is too long"));
  pb::RevokeRequest request;
  if (input->contains("id")) {
    request.set_token_id(*text);
  } else {
    request.set_token(*text);
  }
  return request;
}

// The widget token that the caller authenticates with, if that is what he does.
std::optional<absl::string_view> PresentedWidgetToken(const HttpRequest& http) {
  const absl::StatusOr<BearerToken> presented = ReadBearerToken(http);
  if (!presented.ok() || presented->kind != BearerToken::Kind::kWidgetToken) return std::nullopt;
  return presented->text;
}

HttpResponse Revoke(TokenClient& tokens, const pb::RevokeRequest& request, const HttpRequest& http) {
  const absl::StatusOr<pb::RevokeResponse> revoked =
      tokens.Revoke(request, {http.deadline, http.request_id, http.trace});
  if (revoked.ok()) return JsonResponse(nlohmann::ordered_json::object());
  return ErrorResponse(FromTokenService(revoked.status(), {"token_id", "id"}), http.request_id);
}

HttpResponse RevokeItself(TokenClient& tokens, absl::string_view widget_token, const HttpRequest& http) {
  const absl::StatusOr<pb::RevokeRequest> request = ReadInput(http);
  if (!request.ok()) return ErrorResponse(request.status(), http.request_id);
  if (request->token() != widget_token) {
    return ErrorResponse(XrpcError(XrpcErrorName::kInsufficientScope), http.request_id);
  }
  return Revoke(tokens, *request, http);
}

HttpResponse RevokeAs(const Viewer& viewer, TokenClient& tokens, const HttpRequest& http) {
  absl::StatusOr<pb::RevokeRequest> request = ReadInput(http);
  if (!request.ok()) return ErrorResponse(request.status(), http.request_id);
  if (request->has_token_id()) request->set_owner_did(viewer.did);
  if (absl::Status spent = SpendProof(tokens, viewer, http); !spent.ok()) {
    return ErrorResponse(spent, http.request_id);
  }
  return Revoke(tokens, *request, http);
}

}  // namespace

HttpResponse RevokeHandler::Handle(const XrpcCall& call) const {
  const HttpRequest& http = call.http;
  if (const std::optional<absl::string_view> widget_token = PresentedWidgetToken(http)) {
    return RevokeItself(tokens_, *widget_token, http);
  }
  const absl::StatusOr<Viewer> viewer = auth_.Authenticate(http, call.nsid);
  if (!viewer.ok()) return ErrorResponse(viewer.status(), http.request_id);
  HttpResponse response = RevokeAs(*viewer, tokens_, http);
  response.log_did = viewer->did;
  return response;
}

}  // namespace tokens::xrpc
