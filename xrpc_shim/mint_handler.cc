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

// By how much longer than the JWT holds its id is remembered: more than clocks may differ.
constexpr absl::Duration kSingleUseSlack = absl::Minutes(5);

// The reference knows no name for a suspension: it is the operator's doing, as a takedown is. Never a 401: the viewer's
// session is good, and clients would refresh it and try again.
absl::Status AccountInactive(const ErrorReason& reason) {
  const auto status = reason.metadata.find("status");
  const bool deactivated = status != reason.metadata.end() && status->second == "DEACTIVATED";
  return XrpcError(deactivated ? XrpcErrorName::kAccountDeactivated : XrpcErrorName::kAccountTakedown);
}

// What a failed Mint means to the viewer. Whatever says that this program or its set-up is at fault is a 500.
absl::Status FromTokenService(const absl::Status& status) {
  if (const std::optional<ErrorReason> reason = GetReason(status)) {
    if (reason->reason == "SINGLE_USE_ID_SEEN") return XrpcError(XrpcErrorName::kJwtReplayed);
    if (reason->reason == "ACCOUNT_INACTIVE") return AccountInactive(*reason);
    if (reason->reason == "TOKEN_LIMIT_REACHED") return XrpcError(XrpcErrorName::kTokenLimitReached);
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable: return XrpcError(XrpcErrorName::kUpstreamFailure);
    case absl::StatusCode::kDeadlineExceeded: return XrpcError(XrpcErrorName::kUpstreamTimeout);
    case absl::StatusCode::kResourceExhausted: return XrpcError(XrpcErrorName::kNotEnoughResources);
    default: return XrpcError(XrpcErrorName::kInternalServerError);
  }
}

absl::StatusOr<pb::MintResponse> Mint(TokenClient& tokens, const ServiceJwt& viewer, const HttpRequest& http) {
  pb::MintRequest request;
  request.set_did(viewer.did);
  request.mutable_single_use_id()->set_id(viewer.single_use_id);
  request.mutable_single_use_id()->mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(viewer.expire_time + kSingleUseSlack));
  return tokens.Mint(request, {http.deadline, http.request_id});
}

}  // namespace

HttpResponse MintHandler::Handle(const XrpcCall& call) const {
  const HttpRequest& http = call.http;
  const absl::StatusOr<ServiceJwt> viewer = auth_.Authenticate(http, call.nsid);
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
    response = ErrorResponse(input.ok() ? FromTokenService(minted.status()) : input, http.request_id);
  }
  response.log_did = viewer->did;
  return response;
}

}  // namespace tokens::xrpc
