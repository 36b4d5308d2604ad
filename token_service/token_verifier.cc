#include "token_service/token_verifier.h"

#include <memory>
#include <utility>

#include "token_service/token_secret.h"

namespace tokens {

Verdict::Kind Judge(const storage::TokenRecord& record, const Policy& policy, absl::string_view method,
                    absl::Time now) {
  if (record.revoke_time.has_value()) return Verdict::Kind::kRevoked;
  if (now >= record.expire_time) return Verdict::Kind::kExpired;
  if (now < record.issue_time)
    return Verdict::Kind::kUnknown;  // a clock stepped back; it holds once that time is reached
  if (record.account_status != storage::AccountStatus::kActive) return Verdict::Kind::kAccountInactive;
  const Profile* profile = policy.FindProfile(record.profile);
  if (profile == nullptr) return Verdict::Kind::kMethodNotAllowed;  // the operator withdrew the whole profile
  if (!method.empty() && !profile->allowed_methods.contains(method)) return Verdict::Kind::kMethodNotAllowed;
  return Verdict::Kind::kActive;
}

absl::StatusOr<Verdict> TokenVerifier::Verify(absl::string_view token, absl::string_view method) {
  const std::shared_ptr<const Policy> policy = policy_.Current();
  const std::optional<PresentedToken> presented = ParsePresentedToken(token);
  if (!presented.has_value() || !policy->HasPrefix(presented->prefix)) {
    return Verdict{Verdict::Kind::kMalformed, std::nullopt};
  }
  absl::StatusOr<storage::TokenRecord> record = store_.Find(presented->digest);
  if (absl::IsNotFound(record.status())) return Verdict{};
  if (!record.ok()) return record.status();
  const absl::Time now = clock_.Now();
  const Verdict::Kind kind = Judge(*record, *policy, method, now);
  if (kind == Verdict::Kind::kActive) uses_.Note(*record, now);
  return Verdict{kind, *std::move(record)};
}

}  // namespace tokens
