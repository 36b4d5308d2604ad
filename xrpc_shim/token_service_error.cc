#include "xrpc_shim/token_service_error.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "token_service/base/status_details.h"

namespace tokens::xrpc {
namespace {

// The reference knows no name for a suspension: it is the operator's doing, as a takedown is. Never a 401: the viewer's
// session is good, and clients would refresh it and try again.
absl::Status AccountInactive(const ErrorReason& reason) {
  const auto status = reason.metadata.find("status");
  const bool deactivated = status != reason.metadata.end() && status->second == "DEACTIVATED";
  return XrpcError(deactivated ? XrpcErrorName::kAccountDeactivated : XrpcErrorName::kAccountTakedown);
}

}  // namespace

absl::Status FromTokenService(const absl::Status& status, const ViewerInput& input, XrpcErrorName if_replayed) {
  if (const std::optional<ErrorReason> reason = GetReason(status)) {
    if (reason->reason == "SINGLE_USE_ID_SEEN") return XrpcError(if_replayed);
    if (reason->reason == "ACCOUNT_INACTIVE") return AccountInactive(*reason);
    if (reason->reason == "TOKEN_LIMIT_REACHED") return XrpcError(XrpcErrorName::kTokenLimitReached);
  }
  if (const std::optional<FieldProblem> invalid = GetInvalidField(status)) {
    if (invalid->field == input.field) {
      return XrpcError(XrpcErrorName::kInvalidRequest, absl::StrCat(input.name, ": ", invalid->problem));
    }
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable: return XrpcError(XrpcErrorName::kUpstreamFailure);
    case absl::StatusCode::kDeadlineExceeded: return XrpcError(XrpcErrorName::kUpstreamTimeout);
    case absl::StatusCode::kResourceExhausted: return XrpcError(XrpcErrorName::kNotEnoughResources);
    default: return XrpcError(XrpcErrorName::kInternalServerError);
  }
}

}  // namespace tokens::xrpc
