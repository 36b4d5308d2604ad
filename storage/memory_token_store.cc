#include "storage/memory_token_store.h"

#include <algorithm>

#include "storage/token_audit.h"
#include "storage/token_rules.h"

namespace tokens::storage {

absl::StatusOr<InsertOutcome> MemoryTokenStore::Insert(const NewToken& token) {
  if (absl::Status status = CheckNewToken(token); !status.ok()) return status;
  const TokenRecord& record = token.record;
  absl::MutexLock lock(&mutex_);
  if (const AccountStatus status = AccountOf(record.did).status; status != AccountStatus::kActive) {
    return InsertOutcome{InsertOutcome::Kind::kAccountInactive, std::nullopt, status};
  }
  if (const UsedKey* used = InUse(KeyKind::kIdempotencyKey, record.did, token.idempotency_key, token.now)) {
    return InsertOutcome{InsertOutcome::Kind::kIdempotencyKeyUsed, used->token};
  }
  if (InUse(KeyKind::kSingleUseId, record.did, token.single_use_id, token.now) != nullptr) {
    return InsertOutcome{InsertOutcome::Kind::kSingleUseIdSeen, std::nullopt};
  }
  if (CountLive(record.did, record.profile, token.now) >= token.max_live) {
    return InsertOutcome{InsertOutcome::Kind::kLiveLimitReached, std::nullopt};
  }
  if (const auto makes_room = RecentLimitReached(token)) {
    return InsertOutcome{InsertOutcome::Kind::kRecentLimitReached, std::nullopt, AccountStatus::kActive, makes_room};
  }
  if (const auto found = tokens_.find(record.digest); found != tokens_.end()) {
    if (!Swept(found->second)) return InsertOutcome{InsertOutcome::Kind::kDigestExists, std::nullopt};
    const TokenRecord& forgotten = found->second.record;
    by_did_[forgotten.did].erase({forgotten.issue_time, forgotten.digest});
  }
  tokens_[record.digest] = Token{record};
  by_did_[record.did].insert({record.issue_time, record.digest});
  const auto use = [&](KeyKind kind, const std::optional<OneTimeKey>& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (key) used_keys_[{kind, record.did, key->key}] = UsedKey{key->expire_time, record.digest};
  };
  use(KeyKind::kIdempotencyKey, token.idempotency_key);
  use(KeyKind::kSingleUseId, token.single_use_id);
  Audit(MintEntry(token));
  return InsertOutcome{InsertOutcome::Kind::kInserted, std::nullopt};
}

absl::StatusOr<bool> MemoryTokenStore::SpendSingleUseId(const std::string& did, const OneTimeKey& id, absl::Time now) {
  if (absl::Status status = CheckDid(did); !status.ok()) return status;
  if (absl::Status status = CheckOneTimeKey("single_use_id", id); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  if (InUse(KeyKind::kSingleUseId, did, id, now) != nullptr) return false;
  used_keys_[{KeyKind::kSingleUseId, did, id.key}] = UsedKey{id.expire_time, TokenDigest()};
  return true;
}

absl::StatusOr<TokenRecord> MemoryTokenStore::Find(const TokenDigest& digest) {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = tokens_.find(digest);
  if (found == tokens_.end() || Swept(found->second)) return absl::NotFoundError("no such token");
  return WithStatus(found->second.record);
}

absl::StatusOr<TokenDigest> MemoryTokenStore::FindById(const std::string& token_id_bytes) {
  if (absl::Status status = CheckTokenId(token_id_bytes); !status.ok()) return status;
  absl::ReaderMutexLock lock(&mutex_);
  for (const auto& [digest, token] : tokens_) {
    if (digest.bytes().substr(0, kTokenIdSize) == token_id_bytes && !Swept(token)) return digest;
  }
  return absl::NotFoundError("no such token");
}

absl::StatusOr<bool> MemoryTokenStore::Revoke(const TokenDigest& digest, absl::Time at, const Actor& by) {
  if (absl::Status status = CheckInstant("at", at); !status.ok()) return status;
  if (absl::Status status = CheckActor(by); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const auto found = tokens_.find(digest);
  if (found == tokens_.end() || Swept(found->second) || found->second.record.revoke_time) return false;
  found->second.record.revoke_time = at;
  Audit(RevokeEntry(found->second.record, at, by));
  return true;
}

absl::StatusOr<int> MemoryTokenStore::RevokeAll(const std::string& did, absl::Time at, const Actor& by) {
  if (absl::Status status = CheckDid(did); !status.ok()) return status;
  if (absl::Status status = CheckInstant("at", at); !status.ok()) return status;
  if (absl::Status status = CheckActor(by); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  bool any = false;
  int ended = 0;
  for (const auto& [issue_time, digest] : by_did_[did]) {
    Token& token = tokens_.at(digest);
    if (Swept(token) || token.record.revoke_time) continue;
    token.record.revoke_time = at;
    token.revoked_with_account = true;
    any = true;
    if (token.record.expire_time > at) ++ended;
  }
  any |= EndSessionsOf(did);
  if (any) Audit(RevokeAllEntry(did, ended, at, by));
  return ended;
}

absl::Status MemoryTokenStore::RecordUses(const std::vector<TokenUse>& uses) {
  if (absl::Status status = CheckUses(uses); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  for (const TokenUse& use : uses) {
    const auto found = tokens_.find(use.digest);
    if (found == tokens_.end() || Swept(found->second)) continue;
    std::optional<absl::Time>& last = found->second.record.last_use_time;
    last = std::max(last.value_or(use.at), use.at);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> MemoryTokenStore::SetAccountStatus(const std::string& did, AccountStatus status, absl::Time at,
                                                        const Actor& by) {
  if (absl::Status bad = CheckDid(did); !bad.ok()) return bad;
  if (absl::Status bad = CheckInstant("at", at); !bad.ok()) return bad;
  if (absl::Status bad = CheckActor(by); !bad.ok()) return bad;
  absl::MutexLock lock(&mutex_);
  if (AccountOf(did).status == status) return false;
  accounts_[did] = Account{status, at};
  Audit(StatusEntry(did, status, at, by));
  return true;
}

absl::StatusOr<Account> MemoryTokenStore::FindAccount(const std::string& did) {
  if (absl::Status status = CheckDid(did); !status.ok()) return status;
  absl::ReaderMutexLock lock(&mutex_);
  return AccountOf(did);
}

absl::StatusOr<ListPage> MemoryTokenStore::List(const std::string& did, const std::optional<ListCursor>& after,
                                                int limit) {
  if (absl::Status status = CheckDid(did); !status.ok()) return status;
  if (absl::Status status = CheckLimit(limit); !status.ok()) return status;
  ListPage page;
  absl::ReaderMutexLock lock(&mutex_);
  const auto account = by_did_.find(did);
  if (account == by_did_.end()) return page;
  const auto& tokens = account->second;
  auto position = after ? tokens.lower_bound({after->issue_time, after->digest}) : tokens.end();
  while (position != tokens.begin()) {
    const Token& token = tokens_.at((--position)->second);
    if (Swept(token)) continue;
    if (page.records.size() == static_cast<size_t>(limit)) {
      page.next = ListCursor{page.records.back().issue_time, page.records.back().digest};
      break;
    }
    page.records.push_back(WithStatus(token.record));
  }
  return page;
}

absl::Status MemoryTokenStore::Sweep(const SweepCutoffs& cutoffs) {
  absl::MutexLock lock(&mutex_);
  cutoffs_.tokens_ended = std::max(cutoffs_.tokens_ended, cutoffs.tokens_ended);
  cutoffs_.one_time_keys_expired = std::max(cutoffs_.one_time_keys_expired, cutoffs.one_time_keys_expired);
  for (auto token = tokens_.begin(); token != tokens_.end();) {
    const TokenRecord& record = token->second.record;
    if (!Swept(token->second)) {
      ++token;
      continue;
    }
    by_did_[record.did].erase({record.issue_time, record.digest});
    token = tokens_.erase(token);
  }
  for (auto key = used_keys_.begin(); key != used_keys_.end();) {
    key = key->second.expire_time < cutoffs_.one_time_keys_expired ? used_keys_.erase(key) : std::next(key);
  }
  SweepSessions();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<BackupFolder>> MemoryTokenStore::OpenBackups(const BackupOptions&) {
  return absl::InvalidArgumentError("a store in memory has no backups");
}

bool MemoryTokenStore::Swept(const Token& token) const {
  const auto own_revocation = token.revoked_with_account ? std::nullopt : token.record.revoke_time;
  return EndOf(token.record.expire_time, own_revocation) < cutoffs_.tokens_ended;
}

Account MemoryTokenStore::AccountOf(const std::string& did) const {
  const auto found = accounts_.find(did);
  return found == accounts_.end() ? Account() : found->second;
}

TokenRecord MemoryTokenStore::WithStatus(TokenRecord record) const {
  record.account_status = AccountOf(record.did).status;
  return record;
}

const MemoryTokenStore::UsedKey* MemoryTokenStore::InUse(KeyKind kind, const std::string& did,
                                                         const std::optional<OneTimeKey>& key, absl::Time now) const {
  if (!key) return nullptr;
  const auto found = used_keys_.find({kind, did, key->key});
  if (found == used_keys_.end()) return nullptr;
  const absl::Time expire_time = found->second.expire_time;
  return expire_time > now && expire_time >= cutoffs_.one_time_keys_expired ? &found->second : nullptr;
}

int MemoryTokenStore::CountLive(const std::string& did, const std::string& profile, absl::Time now) const {
  const auto account = by_did_.find(did);
  if (account == by_did_.end()) return 0;
  return static_cast<int>(
      std::count_if(account->second.begin(), account->second.end(), [&](const auto& issue_time_and_digest) {
        mutex_.AssertReaderHeld();
        const Token& token = tokens_.at(issue_time_and_digest.second);
        const TokenRecord& record = token.record;
        return record.profile == profile && !record.revoke_time && record.expire_time > now && !Swept(token);
      }));
}

StoreStats MemoryTokenStore::ReadStats() {
  absl::ReaderMutexLock lock(&mutex_);
  const auto live = std::count_if(tokens_.begin(), tokens_.end(), [this](const auto& digest_and_token) {
    mutex_.AssertReaderHeld();
    const Token& token = digest_and_token.second;
    return !token.record.revoke_time && !Swept(token);
  });
  return {static_cast<uint64_t>(live), std::nullopt};
}

std::optional<absl::Time> MemoryTokenStore::RecentLimitReached(const NewToken& token) const {
  const auto account = by_did_.find(token.record.did);
  if (!token.recent_limit || account == by_did_.end()) return std::nullopt;
  int count = 0;
  for (auto position = account->second.rbegin(); position != account->second.rend(); ++position) {
    const auto& [issue_time, digest] = *position;
    if (issue_time > token.now || Swept(tokens_.at(digest))) continue;
    if (issue_time <= token.recent_limit->since) break;
    if (++count == token.recent_limit->count) return issue_time;
  }
  return std::nullopt;
}

}  // namespace tokens::storage
