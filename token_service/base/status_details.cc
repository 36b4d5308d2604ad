#include "token_service/base/status_details.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace tokens {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
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

std::optional<FieldProblem> GetInvalidField(const absl::Status& status) {
  const auto payload = status.GetPayload(kBadRequestUrl);
  if (!payload.has_value()) return std::nullopt;
  google::rpc::BadRequest detail;
  if (!detail.ParseFromString(std::string(*payload)) || detail.field_violations().empty()) return std::nullopt;
  return FieldProblem{detail.field_violations(0).field(), detail.field_violations(0).description()};
}

}  // namespace tokens
