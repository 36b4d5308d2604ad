#include "token_service/base/status_details.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace tokens {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";
constexpr char kDomain[] = "didpic.token.v1";

}  // namespace

absl::Status InvalidField(absl::string_view field, absl::string_view problem) {
  absl::Status status = absl::InvalidArgumentError(absl::StrCat(field, ": ", problem));
  google::rpc::BadRequest detail;
  auto* violation = detail.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(problem));
  status.SetPayload(kBadRequestUrl, absl::Cord(detail.SerializeAsString()));
  return status;
}

absl::Status WithReason(absl::Status status, const ErrorReason& reason) {
  google::rpc::ErrorInfo detail;
  detail.set_reason(reason.reason);
  detail.set_domain(kDomain);
  detail.mutable_metadata()->insert(reason.metadata.begin(), reason.metadata.end());
  status.SetPayload(kErrorInfoUrl, absl::Cord(detail.SerializeAsString()));
  return status;
}

std::optional<ErrorReason> GetReason(const absl::Status& status) {
  const auto payload = status.GetPayload(kErrorInfoUrl);
  if (!payload.has_value()) return std::nullopt;
  google::rpc::ErrorInfo detail;
  if (!detail.ParseFromString(std::string(*payload)) || detail.domain() != kDomain) return std::nullopt;
  return ErrorReason{detail.reason(), {detail.metadata().begin(), detail.metadata().end()}};
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo detail;
  const int64_t seconds = absl::IDivDuration(delay, absl::Seconds(1), &delay);
  detail.mutable_retry_delay()->set_seconds(seconds);
  detail.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(delay)));
  status.SetPayload(kRetryInfoUrl, absl::Cord(detail.SerializeAsString()));
  return status;
}

std::optional<absl::Duration> GetRetryDelay(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryInfoUrl);
  if (!payload.has_value()) return std::nullopt;
  google::rpc::RetryInfo detail;
  if (!detail.ParseFromString(std::string(*payload))) return std::nullopt;
  const absl::Duration delay =
      absl::Seconds(detail.retry_delay().seconds()) + absl::Nanoseconds(detail.retry_delay().nanos());
  return delay < absl::ZeroDuration() ? std::nullopt : std::optional(delay);
}

std::optional<FieldProblem> GetInvalidField(const absl::Status& status) {
  const auto payload = status.GetPayload(kBadRequestUrl);
  if (!payload.has_value()) return std::nullopt;
  google::rpc::BadRequest detail;
  if (!detail.ParseFromString(std::string(*payload)) || detail.field_violations().empty()) return std::nullopt;
  return FieldProblem{detail.field_violations(0).field(), detail.field_violations(0).description()};
}

}  // namespace tokens
