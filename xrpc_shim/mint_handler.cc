#include "xrpc_shim/mint_handler.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "absl/status/statusor.h"
#include "token_service/base/datetime.h"
#include "token_service/base/status_details.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

// By how much longer than the viewer's proof holds its id is remembered: more than clocks may differ.
constexpr absl::Duration kSingleUseSlack = absl::Minutes(5);

// What a failed Mint means to the viewer. Whatever says that this program or its set-up is at fault is a 500.
absl::Status FromTokenService(const absl::Status& status, const Viewer& viewer) {
  if (const std::optional<ErrorReason> reason = GetReason(status)) {
    if (reason->reason == "SINGLE_USE_ID_SEEN") return XrpcError(viewer.if_replayed);
    if (reason->reason == "TOKEN_LIMIT_REACHED") return XrpcError(XrpcErrorName::kTokenLimitReached);
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable: return XrpcError(XrpcErrorName::kUpstreamFailure);
    case absl::StatusCode::kDeadlineExceeded: return XrpcError(XrpcErrorName::kUpstreamTimeout);
    case absl::StatusCode::kResourceExhausted: return XrpcError(XrpcErrorName::kNotEnoughResources);
    default: return XrpcError(XrpcErrorName::kInternalServerError);
  }
}

absl::StatusOr<pb::MintResponse> Mint(TokenClient& tokens, const Viewer& viewer, const HttpRequest& http) {
  pb::MintRequest request;
  request.set_did(viewer.did);
  request.set_client_id(viewer.client_id);
  request.mutable_single_use_id()->set_id(viewer.single_use_id);
  request.mutable_single_use_id()->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(viewer.expire_time + kSingleUseSlack));
  return tokens.Mint(request, {http.deadline, http.request_id});
}

}  // namespace

HttpResponse MintHandler::Handle(const XrpcCall& call) const {
  const HttpRequest& http = call.http;
  const absl::StatusOr<Viewer> viewer = auth_.Authenticate(http, call.nsid);
  if (!viewer.ok()) return ErrorResponse(viewer.status(), http.request_id);
  HttpResponse response;
  const absl::Status input = CheckNoInput(http);
  const absl::StatusOr<pb::MintResponse> minted =
      input.ok() ? Mint(tokens_, *viewer, http) : absl::StatusOr<pb::MintResponse>(input);
  if (minted.ok()) {
    const nlohmann::ordered_json body = {
        {"token", minted->token()},
        {"expiresAt", FormatDatetime(absl::FromUnixSeconds(minted->expire_time().seconds()) +
                                     absl::Nanoseconds(minted->expire_time().nanos()))}};
    response.status = 200;
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = body.dump();
    response.log_token_id = minted->token_id();
  } else {
    response = ErrorResponse(input.ok() ? FromTokenService(minted.status(), *viewer) : input, http.request_id);
  }
  response.log_did = viewer->did;
  return response;
}

}  // namespace tokens::xrpc
