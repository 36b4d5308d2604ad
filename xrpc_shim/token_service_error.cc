#include "xrpc_shim/token_service_error.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "token_service/base/status_details.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {

absl::Status FromTokenService(const absl::Status& status, const ViewerInput& input) {
  if (const std::optional<ErrorReason> reason = GetReason(status)) {
    if (reason->reason == "SINGLE_USE_ID_SEEN") return XrpcError(XrpcErrorName::kJwtReplayed);
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
