#include "token_service/token_issuer.h"

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "token_service/account_register.h"
#include "token_service/base/did.h"
#include "token_service/base/status_details.h"
#include "token_service/base/utf8.h"
#include "token_service/proof_spender.h"
#include "token_service/token_id.h"

namespace tokens {
namespace {

using Kind = storage::InsertOutcome::Kind;

constexpr char kDefaultProfile[] = "widget";
constexpr size_t kMaxLabelBytes = 128;
constexpr size_t kMaxIdempotencyKeyBytes = 128;
constexpr size_t kMaxClientIdBytes = 2048;
constexpr absl::Duration kIdempotencyWindow = absl::Hours(24);
constexpr int kDigestAttempts = 3;

bool IsVisibleAscii(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

absl::Status CheckOrder(const MintOrder& order, absl::Time now) {
  if (!IsAtprotoDid(order.did)) return InvalidField("did", "must be a did:plc or did:web");
  if (order.label.size() > kMaxLabelBytes || HasControlCharacter(order.label)) {
    return InvalidField("label", "at most 128 bytes without control characters");
  }
  if (order.client_id.size() > kMaxClientIdBytes || HasControlCharacter(order.client_id)) {
    return InvalidField("client_id", "at most 2048 bytes without control characters");
  }
  if (order.client_name.size() > kMaxLabelBytes || HasControlCharacter(order.client_name)) {
    return InvalidField("client_name", "at most 128 bytes without control characters");
  }
  if (order.idempotency_key.size() > kMaxIdempotencyKeyBytes || !IsVisibleAscii(order.idempotency_key)) {
    return InvalidField("idempotency_key", "at most 128 visible ASCII characters");
  }
  if (order.single_use_id.has_value()) return CheckSingleUseId(*order.single_use_id, now);
  return absl::OkStatus();
}

absl::Status MintRateExceeded(const MintRate& rate, absl::Duration retry_delay) {
  const ErrorReason reason = {
      "MINT_RATE_EXCEEDED",
      {{"count", absl::StrCat(rate.count)}, {"window_seconds", absl::StrCat(absl::ToInt64Seconds(rate.window))}}};
  return WithRetryDelay(
      WithReason(absl::ResourceExhaustedError("the account was given too many tokens lately"), reason), retry_delay);
}

// The refusal for an outcome other than kInserted.
absl::Status Refusal(const storage::InsertOutcome& outcome, const Profile& profile, absl::Time now) {
  switch (outcome.kind) {
    case Kind::kAccountInactive:
      return WithReason(absl::FailedPreconditionError("the account is not active"),
                        {"ACCOUNT_INACTIVE", {{"status", std::string(AccountStatusName(outcome.account_status))}}});
    case Kind::kIdempotencyKeyUsed: {
      ErrorReason reason{"IDEMPOTENCY_KEY_USED", {}};
      if (outcome.earlier.has_value()) reason.metadata["token_id"] = TokenIdOf(*outcome.earlier);
      return WithReason(absl::AlreadyExistsError("this idempotency_key has minted a token before"), reason);
    }
    case Kind::kSingleUseIdSeen: return SingleUseIdSeen();
    case Kind::kLiveLimitReached:
      return WithReason(absl::ResourceExhaustedError("the account holds as many live tokens as the policy allows"),
                        {"TOKEN_LIMIT_REACHED", {}});
    case Kind::kRecentLimitReached: {
      const MintRate& rate = profile.max_mints_per_did;
      return MintRateExceeded(rate, outcome.makes_room.value_or(now) + rate.window - now);
    }
    case Kind::kDigestExists:
    case Kind::kInserted: break;
  }
  return absl::InternalError("the random generator repeats itself");
}

absl::Time FloorToMilliseconds(absl::Time time) { return absl::FromUnixMillis(absl::ToUnixMillis(time)); }

}  // namespace

absl::StatusOr<MintedToken> TokenIssuer::Mint(const MintOrder& order) {
  const absl::Time now = clock_.Now();
  if (absl::Status status = CheckOrder(order, now); !status.ok()) return status;
  const std::shared_ptr<const Policy> policy = policy_.Current();
  const Profile* profile = policy->FindProfile(order.profile.empty() ? kDefaultProfile : order.profile);
  if (profile == nullptr) {
    return WithReason(absl::NotFoundError("the policy has no such profile"), {"UNKNOWN_PROFILE", {}});
  }
  storage::NewToken token;
  token.record.did = order.did;
  token.record.profile = profile->name;
  token.record.label = order.label;
  token.record.client_id = order.client_id;
  token.record.client_name = order.client_name;
  token.record.client_type = order.client_type;
  token.record.issue_time = FloorToMilliseconds(now);
  token.record.expire_time = token.record.issue_time + profile->lifetime;
  token.now = now;
  token.max_live = profile->max_live_tokens_per_did;
  token.recent_limit = {profile->max_mints_per_did.count, now - profile->max_mints_per_did.window};
  if (!order.idempotency_key.empty()) {
    token.idempotency_key = storage::OneTimeKey{order.idempotency_key, now + kIdempotencyWindow};
  }
  token.single_use_id = order.single_use_id;
  token.by = order.by;
  storage::InsertOutcome outcome{Kind::kDigestExists, std::nullopt};
  for (int attempt = 0; attempt < kDigestAttempts; ++attempt) {
    absl::StatusOr<TokenSecret> secret = TokenSecret::Generate(profile->prefix, random_);
    if (!secret.ok()) return secret.status();
    token.record.digest = secret->Digest();
    const absl::StatusOr<storage::InsertOutcome> inserted = store_.Insert(token);
    if (!inserted.ok()) return inserted.status();
    outcome = *inserted;
    if (outcome.kind == Kind::kInserted) return MintedToken{*std::move(secret), std::move(token.record)};
    if (outcome.kind != Kind::kDigestExists) break;
  }
  return Refusal(outcome, *profile, now);
}

}  // namespace tokens
