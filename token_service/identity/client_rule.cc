#include "token_service/identity/client_rule.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "token_service/base/status_details.h"

namespace tokens {
namespace {

constexpr char kReason[] = "CLIENT_REJECTED";

}  // namespace

absl::Status ClientRejected(absl::string_view rule, absl::string_view problem) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat("OAuth client: ", problem)),
                    {kReason, {{"rule", std::string(rule)}}});
}

std::string RejectingRule(const absl::Status& status) {
  const std::optional<ErrorReason> reason = GetReason(status);
  if (!reason.has_value() || reason->reason != kReason) return "";
  const auto rule = reason->metadata.find("rule");
  return rule == reason->metadata.end() ? "" : rule->second;
}

}  // namespace tokens
