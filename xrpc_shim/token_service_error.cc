#include "xrpc_shim/token_service_error.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "token_service/base/status_details.h"
#include "xrpc_shim/rate_limiter.h"

namespace tokens::xrpc {
namespace {

// The reference knows no name for a suspension: it is the operator's doing, as a takedown is. Never a 401: the viewer's
// session is good, and clients would refresh it and try again.
absl::Status AccountInactive(const ErrorReason& reason) {
  const auto status = reason.metadata.find("status");
  const bool deactivated = status != reason.metadata.end() && status->second == "DEACTIVATED";
  return XrpcError(deactivated ? XrpcErrorName::kAccountDeactivated : XrpcErrorName::kAccountTakedown);
}

int NumberIn(const ErrorReason& reason, const char* key) {
  const auto found = reason.metadata.find(key);
  int number = 0;
  return found != reason.metadata.end() && absl::SimpleAtoi(found->second, &number) ? number : 0;
}

absl::Status MintRateExceeded(const absl::Status& status, const ErrorReason& reason) {
  const absl::Duration delay = GetRetryDelay(status).value_or(absl::Seconds(NumberIn(reason, "window_seconds")));
  const RateLimit limit = {NumberIn(reason, "count"), absl::Seconds(NumberIn(reason, "window_seconds"))};
  const RateReport report = {.allowed = false,
                             .limit = limit,
                             .remaining = 0,
                             .reset = absl::Now() + delay,
                             .retry_after = std::max(delay, absl::Seconds(1))};
  return WithHeaders(XrpcError(XrpcErrorName::kRateLimitExceeded), RateHeaders(report));
}

}  // namespace

absl::Status FromTokenService(const absl::Status& status, const ViewerInput& input, XrpcErrorName if_replayed) {
  if (const std::optional<ErrorReason> reason = GetReason(status)) {
    if (reason->reason == "SINGLE_USE_ID_SEEN") return XrpcError(if_replayed);
    if (reason->reason == "ACCOUNT_INACTIVE") return AccountInactive(*reason);
    if (reason->reason == "MINT_RATE_EXCEEDED") return MintRateExceeded(status, *reason);
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
