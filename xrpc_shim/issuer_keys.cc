#include "xrpc_shim/issuer_keys.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "token_service/base/read_file.h"
#include "token_service/jose/jwk_set.h"
#include "token_service/jose/strict_json.h"

namespace tokens::xrpc {
namespace {

constexpr size_t kMaxFileBytes = 64 * 1024;
constexpr JsonLimits kMetadataLimits = {.max_bytes = kMaxFileBytes, .max_depth = 8};

// The body of a reply that is exactly what was asked for.
absl::StatusOr<std::string> JsonIn(absl::StatusOr<HttpReply> reply, absl::string_view what) {
  if (!reply.ok()) {
    // A name that does not exist or may not be asked is the issuer's fault, not the token's.
    if (absl::IsDeadlineExceeded(reply.status())) return reply.status();
    return absl::UnavailableError(absl::StrCat(what, ": ", reply.status().message()));
  }
  const absl::string_view type = absl::string_view(reply->content_type).substr(0, reply->content_type.find(';'));
  if (reply->http_status != 200 || !absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type), "application/json")) {
    return absl::UnavailableError(absl::StrCat(what, ": HTTP ", reply->http_status, " or not application/json"));
  }
  return std::move(reply->body);
}

absl::StatusOr<JwkSet> FetchKeys(const FetchUrl& fetch, const std::string& issuer) {
  const absl::StatusOr<std::string> text =
      JsonIn(fetch(absl::StrCat(issuer, "/.well-known/oauth-authorization-server")), "issuer metadata");
  if (!text.ok()) return text.status();
  const absl::StatusOr<nlohmann::json> metadata = ParseStrictJson(*text, kMetadataLimits);
  if (!metadata.ok()) return absl::UnavailableError("issuer metadata: not JSON");
  const std::string* said_issuer = FindString(*metadata, "issuer");
  const std::string* jwks_uri = FindString(*metadata, "jwks_uri");
  if (said_issuer == nullptr || *said_issuer != issuer || jwks_uri == nullptr) {
    return absl::UnavailableError("issuer metadata: of another issuer, or without jwks_uri");
  }
  const absl::StatusOr<std::string> json = JsonIn(fetch(*jwks_uri), "issuer keys");
  if (!json.ok()) return json.status();
  absl::StatusOr<JwkSet> keys = JwkSet::Parse(*json);
  if (!keys.ok()) return absl::UnavailableError(keys.status().message());
  return keys;
}

absl::StatusOr<JwkSet> ReadKeys(const std::string& path) {
  const absl::StatusOr<std::string> json = ReadFile(path, kMaxFileBytes);
  if (!json.ok()) return json.status();
  absl::StatusOr<JwkSet> keys = JwkSet::Parse(*json);
  if (!keys.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", keys.status().message()));
  return keys;
}

absl::StatusOr<SigningKey> KeyNamed(const JwkSet& keys, const std::string& kid) {
  const SigningKey* key = keys.Find(kid);
  if (key == nullptr) return absl::NotFoundError("the issuer has no such key");
  return *key;
}

}  // namespace

// One issuer's keys and what is known of their age. Thread-safe.
class IssuerKeys::Issuer {
 public:
  explicit Issuer(JwkSet fixed) : fixed_(std::move(fixed)) {}
  Issuer(std::string url, FetchUrl fetch, Clock& clock)
      : url_(std::move(url)), fetch_(std::move(fetch)), clock_(&clock) {}

  // False where the keys are of a file.
  bool fetches() const { return !fixed_.has_value(); }

  absl::StatusOr<SigningKey> Find(const std::string& kid) {
    if (fixed_.has_value()) return KeyNamed(*fixed_, kid);
    if (const auto known = FindFresh(kid)) return *known;
    const MutexLock lock(fetching_);  // Those who need the same fetch wait here; the throttle then spares theirs.
    FetchUnlessThrottled();
    return FindUsable(kid);
  }

 private:
  // The key if it is known and young enough to be used without a thought.
  std::optional<SigningKey> FindFresh(const std::string& kid) {
    const absl::Time now = clock_->Now();
    const MutexLock lock(mutex_);
    if (!keys_.has_value() || absl::AbsDuration(now - fetched_at_) >= kIssuerKeysFreshFor) return std::nullopt;
    const SigningKey* key = keys_->Find(kid);
    return key == nullptr ? std::nullopt : std::optional(*key);
  }

  void FetchUnlessThrottled() ABSL_EXCLUSIVE_LOCKS_REQUIRED(fetching_) {
    if (absl::AbsDuration(clock_->Now() - tried_at_) < kIssuerKeysRefetchInterval) return;
    absl::StatusOr<JwkSet> fetched = FetchKeys(fetch_, url_);
    const absl::Time now = clock_->Now();
    tried_at_ = now;
    last_try_ = fetched.status();
    if (!fetched.ok()) return;
    const MutexLock lock(mutex_);
    keys_ = *std::move(fetched);
    fetched_at_ = now;
  }

  // After a fetch or where there may be none: the key as far as can be told.
  absl::StatusOr<SigningKey> FindUsable(const std::string& kid) ABSL_EXCLUSIVE_LOCKS_REQUIRED(fetching_) {
    const absl::Time now = clock_->Now();
    const MutexLock lock(mutex_);
    if (keys_.has_value() && absl::AbsDuration(now - fetched_at_) < kIssuerKeysUsableFor) {
      absl::StatusOr<SigningKey> key = KeyNamed(*keys_, kid);
      // While the issuer cannot be asked, a key we do not know may well be its newest.
      if (key.ok() || last_try_.ok()) return key;
    }
    return last_try_.ok() ? absl::UnavailableError("issuer keys: too old") : last_try_;
  }

  const std::optional<JwkSet> fixed_;
  const std::string url_;
  const FetchUrl fetch_;
  Clock* const clock_ = nullptr;  // Null where the keys are fixed.
  Mutex fetching_;                // Held during a fetch; taken before mutex_.
  absl::Time tried_at_ ABSL_GUARDED_BY(fetching_) = absl::InfinitePast();
  absl::Status last_try_ ABSL_GUARDED_BY(fetching_);
  Mutex mutex_;
  std::optional<JwkSet> keys_ ABSL_GUARDED_BY(mutex_);
  absl::Time fetched_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

IssuerKeys::IssuerKeys(FetchUrl fetch, Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}
IssuerKeys::~IssuerKeys() = default;

absl::StatusOr<std::unique_ptr<IssuerKeys>> IssuerKeys::Create(const std::vector<OauthIssuer>& issuers, FetchUrl fetch,
                                                               Clock& clock) {
  std::unique_ptr<IssuerKeys> all(new IssuerKeys(std::move(fetch), clock));
  if (absl::Status status = all->Replace(issuers); !status.ok()) return status;
  return all;
}

absl::Status IssuerKeys::Replace(const std::vector<OauthIssuer>& issuers) {
  Issuers next;
  std::set<std::string> trusted_for_all;
  for (const OauthIssuer& issuer : issuers) {
    if (issuer.trusted_for_all_accounts) trusted_for_all.insert(issuer.url);
    if (issuer.jwks_file.empty()) {
      next[issuer.url] = std::make_shared<Issuer>(issuer.url, fetch_, clock_);
      continue;
    }
    absl::StatusOr<JwkSet> keys = ReadKeys(issuer.jwks_file);
    if (!keys.ok()) return keys.status();
    next[issuer.url] = std::make_shared<Issuer>(*std::move(keys));
  }
  const MutexLock lock(mutex_);
  for (auto& [url, issuer] : next) {
    const auto now = issuers_.find(url);
    if (now != issuers_.end() && now->second->fetches() && issuer->fetches()) issuer = now->second;
  }
  issuers_ = std::move(next);
  trusted_for_all_ = std::move(trusted_for_all);
  return absl::OkStatus();
}

bool IssuerKeys::IsTrustedForAllAccounts(const std::string& iss) const {
  const MutexLock lock(mutex_);
  return trusted_for_all_.contains(iss);
}

bool IssuerKeys::any() const {
  const MutexLock lock(mutex_);
  return !issuers_.empty();
}

absl::StatusOr<SigningKey> IssuerKeys::Find(const std::string& iss, const std::string& kid) {
  std::shared_ptr<Issuer> issuer;
  {
    const MutexLock lock(mutex_);
    const auto found = issuers_.find(iss);
    if (found == issuers_.end()) return absl::PermissionDeniedError("not a trusted issuer");
    issuer = found->second;
  }
  return issuer->Find(kid);
}

}  // namespace tokens::xrpc
