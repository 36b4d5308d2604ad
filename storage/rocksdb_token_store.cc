#include "storage/rocksdb_token_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "rocksdb/snapshot.h"
#include "storage/rocksdb_schema.h"
#include "storage/token_audit.h"
#include "storage/token_rules.h"

namespace tokens::storage {
namespace {

absl::string_view View(const rocksdb::Slice& slice) { return absl::string_view(slice.data(), slice.size()); }

std::string EncodedEnd(const TokenRecord& record) { return EncodeTime(EndOf(record.expire_time, record.revoke_time)); }

absl::Status IndexDamaged() { return absl::DataLossError("an index does not agree with the stored tokens"); }

}  // namespace

absl::StatusOr<std::unique_ptr<RocksDbTokenStore>> RocksDbTokenStore::Open(const RocksDbOptions& options) {
  std::unique_ptr<RocksDbTokenStore> store(new RocksDbTokenStore);
  absl::StatusOr<std::unique_ptr<RocksDbDatabase>> database = RocksDbDatabase::Open(options, store->sweep_);
  if (!database.ok()) return database.status();
  store->database_ = *std::move(database);
  if (absl::Status status = store->LoadCutoffs(); !status.ok()) return status;
  return store;
}

absl::StatusOr<InsertOutcome> RocksDbTokenStore::Insert(const NewToken& token) {
  if (absl::Status status = CheckNewToken(token); !status.ok()) return status;
  const TokenRecord& record = token.record;
  LockStripes::Hold hold(locks_, record.did, record.digest.bytes());
  const absl::StatusOr<AccountEntry> account = ReadAccount({}, AccountKey(record.did));
  if (!account.ok()) return account.status();
  absl::StatusOr<InsertOutcome> outcome = Judge(token, *account);
  if (!outcome.ok() || outcome->kind != InsertOutcome::Kind::kInserted) return outcome;

  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kTokens, TokenKey(record.digest), EncodeToken({record, account->generation}));
  batch.Put(Family::kByDid, ByDidKey(record.did, {record.issue_time, record.digest}), EncodedEnd(record));
  batch.Put(Family::kLive, LiveKey(record, account->generation), "");
  const auto use = [&](KeyKind kind, const std::optional<OneTimeKey>& key) {
    if (!key) return;
    batch.Put(Family::kSeen, SeenKey(kind, record.did, key->key), EncodeOneTimeKey({key->expire_time, record.digest}));
  };
  use(KeyKind::kIdempotencyKey, token.idempotency_key);
  use(KeyKind::kSingleUseId, token.single_use_id);
  batch.Audit(MintEntry(token));
  if (absl::Status status = database_->Write(std::move(batch)); !status.ok()) return status;
  return outcome;
}

absl::StatusOr<InsertOutcome> RocksDbTokenStore::Judge(const NewToken& token, const AccountEntry& account) {
  using Kind = InsertOutcome::Kind;
  if (account.account.status != AccountStatus::kActive) {
    return InsertOutcome{Kind::kAccountInactive, std::nullopt, account.account.status};
  }
  const std::string& did = token.record.did;
  const auto earlier = UsedFor(KeyKind::kIdempotencyKey, did, token.idempotency_key, token.now);
  if (!earlier.ok()) return earlier.status();
  if (earlier->has_value()) return InsertOutcome{Kind::kIdempotencyKeyUsed, *earlier};
  const auto seen = UsedFor(KeyKind::kSingleUseId, did, token.single_use_id, token.now);
  if (!seen.ok()) return seen.status();
  if (seen->has_value()) return InsertOutcome{Kind::kSingleUseIdSeen, std::nullopt};
  const absl::StatusOr<bool> full = LimitReached(token, account.generation);
  if (!full.ok()) return full.status();
  if (*full) return InsertOutcome{Kind::kLiveLimitReached, std::nullopt};
  const auto makes_room = RecentLimitReached(token);
  if (!makes_room.ok()) return makes_room.status();
  if (makes_room->has_value()) {
    return InsertOutcome{Kind::kRecentLimitReached, std::nullopt, AccountStatus::kActive, *makes_room};
  }
  const auto same = ReadToken({}, token.record.digest);
  if (!same.ok()) return same.status();
  if (same->has_value()) return InsertOutcome{Kind::kDigestExists, std::nullopt};
  return InsertOutcome{Kind::kInserted, std::nullopt};
}

absl::StatusOr<bool> RocksDbTokenStore::SpendSingleUseId(const std::string& did, const OneTimeKey& id, absl::Time now) {
  if (absl::Status status = CheckDid(did); !status.ok()) return status;
  if (absl::Status status = CheckOneTimeKey("single_use_id", id); !status.ok()) return status;
  LockStripes::Hold hold(locks_, did);
  const auto seen = UsedFor(KeyKind::kSingleUseId, did, id, now);
  if (!seen.ok()) return seen.status();
  if (seen->has_value()) return false;
  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kSeen, SeenKey(KeyKind::kSingleUseId, did, id.key),
            EncodeOneTimeKey({id.expire_time, TokenDigest()}));
  if (absl::Status status = database_->Write(std::move(batch)); !status.ok()) return status;
  return true;
}

absl::StatusOr<TokenRecord> RocksDbTokenStore::Find(const TokenDigest& digest) {
  absl::StatusOr<std::optional<TokenRecord>> record = ReadRecord({}, digest);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return absl::NotFoundError("no such token");
  return **std::move(record);
}

absl::StatusOr<TokenDigest> RocksDbTokenStore::FindById(const std::string& token_id_bytes) {
  if (absl::Status status = CheckTokenId(token_id_bytes); !status.ok()) return status;
  const auto tokens = database_->NewIterator({}, Family::kTokens);
  for (tokens->Seek(token_id_bytes); tokens->Valid(); tokens->Next()) {
    if (!absl::StartsWith(View(tokens->key()), token_id_bytes)) break;
    const std::optional<TokenDigest> digest = TokenDigest::FromBytes(View(tokens->key()));
    if (!digest) return IndexDamaged();
    const absl::StatusOr<std::optional<TokenEntry>> entry = ReadToken({}, *digest);
    if (!entry.ok()) return entry.status();
    if (entry->has_value()) return *digest;
  }
  if (absl::Status status = database_->CheckIterator(*tokens); !status.ok()) return status;
  return absl::NotFoundError("no such token");
}

absl::StatusOr<bool> RocksDbTokenStore::Revoke(const TokenDigest& digest, absl::Time at, const Actor& by) {
  if (absl::Status status = CheckInstant("at", at); !status.ok()) return status;
  if (absl::Status status = CheckActor(by); !status.ok()) return status;
  const absl::StatusOr<std::optional<TokenEntry>> unlocked = ReadToken({}, digest);
  if (!unlocked.ok()) return unlocked.status();
  if (!unlocked->has_value()) return false;
  const std::string did = (*unlocked)->record.did;

  LockStripes::Hold hold(locks_, did, digest.bytes());
  absl::StatusOr<std::optional<TokenEntry>> entry = ReadToken({}, digest);
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) return false;
  TokenRecord& record = (*entry)->record;
  if (record.did != did) return absl::UnavailableError("the token was replaced meanwhile");
  const absl::StatusOr<AccountEntry> account = ReadAccount({}, AccountKey(did));
  if (!account.ok()) return account.status();
  if (record.revoke_time || account->generation > (*entry)->account_generation) return false;

  record.revoke_time = at;
  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kTokens, TokenKey(digest), EncodeToken(**entry));
  batch.Put(Family::kByDid, ByDidKey(did, {record.issue_time, digest}), EncodedEnd(record));
  batch.Delete(Family::kLive, LiveKey(record, (*entry)->account_generation));
  batch.Audit(RevokeEntry(record, at, by));
  if (absl::Status status = database_->Write(std::move(batch)); !status.ok()) return status;
  return true;
}

absl::StatusOr<int> RocksDbTokenStore::RevokeAll(const std::string& did, absl::Time at, const Actor& by) {
  if (absl::Status status = CheckDid(did); !status.ok()) return status;
  if (absl::Status status = CheckInstant("at", at); !status.ok()) return status;
  if (absl::Status status = CheckActor(by); !status.ok()) return status;
  LockStripes::Hold hold(locks_, did);
  const absl::StatusOr<AccountEntry> account = ReadAccount({}, AccountKey(did));
  if (!account.ok()) return account.status();

  bool any = false;
  int ended = 0;
  const std::string prefix = LivePrefix(did, account->generation);
  const auto live = database_->NewIterator({}, Family::kLive);
  for (live->Seek(prefix); live->Valid() && absl::StartsWith(View(live->key()), prefix); live->Next()) {
    const std::optional<absl::Time> expire_time = ExpireTimeOfLiveKey(View(live->key()));
    if (!expire_time) return IndexDamaged();
    if (sweep_.TokenSwept(*expire_time)) continue;
    any = true;
    if (*expire_time > at) ++ended;
  }
  if (absl::Status status = database_->CheckIterator(*live); !status.ok()) return status;

  const absl::StatusOr<bool> has_sessions = HasSessions(did, account->generation);
  if (!has_sessions.ok()) return has_sessions.status();
  if (!any && !*has_sessions) return 0;  // Nothing to revoke: an account that never had anything leaves no trace.

  const AccountEntry raised = {account->generation + 1, at, account->account};
  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kAccounts, AccountKey(did), EncodeAccount(raised));
  batch.Put(Family::kAccounts, AccountHistoryKey(did, raised.generation), EncodeAccount({raised.generation, at, {}}));
  batch.Audit(RevokeAllEntry(did, ended, at, by));
  if (absl::Status status = database_->Write(std::move(batch)); !status.ok()) return status;
  return ended;
}

absl::Status RocksDbTokenStore::RecordUses(const std::vector<TokenUse>& uses) {
  if (absl::Status status = CheckUses(uses); !status.ok()) return status;
  for (const TokenUse& use : uses) {
    if (absl::Status status = RecordUse(use); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RocksDbTokenStore::RecordUse(const TokenUse& use) {
  // Under the digest's lock alone, which every write to a token holds.
  LockStripes::Hold hold(locks_, use.digest.bytes());
  absl::StatusOr<std::optional<TokenEntry>> entry = ReadToken({}, use.digest);
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) return absl::OkStatus();
  std::optional<absl::Time>& last = (*entry)->record.last_use_time;
  if (last && *last >= use.at) return absl::OkStatus();
  last = use.at;
  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kTokens, TokenKey(use.digest), EncodeToken(**entry));
  return database_->WriteUnsynced(batch);
}

absl::StatusOr<bool> RocksDbTokenStore::SetAccountStatus(const std::string& did, AccountStatus status, absl::Time at,
                                                         const Actor& by) {
  if (absl::Status bad = CheckDid(did); !bad.ok()) return bad;
  if (absl::Status bad = CheckInstant("at", at); !bad.ok()) return bad;
  if (absl::Status bad = CheckActor(by); !bad.ok()) return bad;
  LockStripes::Hold hold(locks_, did);
  absl::StatusOr<AccountEntry> entry = ReadAccount({}, AccountKey(did));
  if (!entry.ok()) return entry.status();
  if (entry->account.status == status) return false;
  entry->account = Account{status, at};
  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kAccounts, AccountKey(did), EncodeAccount(*entry));
  batch.Audit(StatusEntry(did, status, at, by));
  if (absl::Status written = database_->Write(std::move(batch)); !written.ok()) return written;
  return true;
}

absl::StatusOr<Account> RocksDbTokenStore::FindAccount(const std::string& did) {
  if (absl::Status status = CheckDid(did); !status.ok()) return status;
  const absl::StatusOr<AccountEntry> entry = ReadAccount({}, AccountKey(did));
  if (!entry.ok()) return entry.status();
  return entry->account;
}

absl::StatusOr<ListPage> RocksDbTokenStore::List(const std::string& did, const std::optional<ListCursor>& after,
                                                 int limit) {
  if (absl::Status status = CheckDid(did); !status.ok()) return status;
  if (absl::Status status = CheckLimit(limit); !status.ok()) return status;
  rocksdb::ManagedSnapshot snapshot(database_->db());
  rocksdb::ReadOptions options;
  options.snapshot = snapshot.snapshot();
  const std::string prefix = ByDidPrefix(did);
  const std::string begin = after ? ByDidKey(did, *after) : AfterPrefix(prefix);
  const auto tokens = database_->NewIterator(options, Family::kByDid);

  ListPage page;
  for (tokens->SeekForPrev(begin); tokens->Valid() && absl::StartsWith(View(tokens->key()), prefix); tokens->Prev()) {
    const std::optional<ListCursor> position = ParseByDidKey(View(tokens->key()), prefix);
    const std::optional<absl::Time> end = DecodeTime(View(tokens->value()));
    if (!position || !end) return IndexDamaged();
    if (position == after || sweep_.TokenSwept(*end)) continue;
    absl::StatusOr<std::optional<TokenRecord>> record = ReadRecord(options, position->digest);
    if (!record.ok()) return record.status();
    if (!record->has_value()) {
      // Compactions do not heed the snapshot: it may have been swept since the check above.
      if (sweep_.TokenSwept(*end)) continue;
      return IndexDamaged();
    }
    if ((*record)->did != did || (*record)->issue_time != position->issue_time) return IndexDamaged();
    if (page.records.size() == static_cast<size_t>(limit)) {
      page.next = ListCursor{page.records.back().issue_time, page.records.back().digest};
      return page;
    }
    page.records.push_back(**std::move(record));
  }
  if (absl::Status status = database_->CheckIterator(*tokens); !status.ok()) return status;
  return page;
}

absl::Status RocksDbTokenStore::Sweep(const SweepCutoffs& cutoffs) {
  absl::MutexLock lock(&sweep_mutex_);
  const SweepCutoffs before = sweep_.cutoffs();
  const absl::Time tokens_ended = std::max(before.tokens_ended, cutoffs.tokens_ended);
  const absl::Time keys_expired = std::max(before.one_time_keys_expired, cutoffs.one_time_keys_expired);
  // On the disk first: what compactions drop by these cutoffs must not be missed after a crash.
  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kMeta, kTokensCutoffKey, EncodeTime(tokens_ended));
  batch.Put(Family::kMeta, kKeysCutoffKey, EncodeTime(keys_expired));
  if (absl::Status status = database_->Write(std::move(batch)); !status.ok()) return status;
  sweep_.Raise({tokens_ended, keys_expired});
  return absl::OkStatus();
}

absl::Status RocksDbTokenStore::LoadCutoffs() {
  const auto load = [&](const char* key) -> absl::StatusOr<absl::Time> {
    const absl::StatusOr<std::optional<std::string>> bytes = database_->Get({}, Family::kMeta, key);
    if (!bytes.ok()) return bytes.status();
    if (!bytes->has_value()) return absl::InfinitePast();
    const std::optional<absl::Time> cutoff = DecodeTime(**bytes);
    if (!cutoff) return absl::DataLossError("a stored cutoff cannot be read");
    return *cutoff;
  };
  const absl::StatusOr<absl::Time> tokens_ended = load(kTokensCutoffKey);
  if (!tokens_ended.ok()) return tokens_ended.status();
  const absl::StatusOr<absl::Time> keys_expired = load(kKeysCutoffKey);
  if (!keys_expired.ok()) return keys_expired.status();
  sweep_.Raise({*tokens_ended, *keys_expired});
  return absl::OkStatus();
}

absl::StatusOr<std::optional<TokenEntry>> RocksDbTokenStore::ReadToken(const rocksdb::ReadOptions& options,
                                                                       const TokenDigest& digest) {
  const absl::StatusOr<std::optional<std::string>> bytes = database_->Get(options, Family::kTokens, TokenKey(digest));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::nullopt;
  absl::StatusOr<TokenEntry> entry = DecodeToken(digest, **bytes);
  if (!entry.ok()) return entry.status();
  if (sweep_.TokenSwept(EndOf(entry->record.expire_time, entry->record.revoke_time))) return std::nullopt;
  return *std::move(entry);
}

absl::StatusOr<AccountEntry> RocksDbTokenStore::ReadAccount(const rocksdb::ReadOptions& options,
                                                            const std::string& key) {
  const absl::StatusOr<std::optional<std::string>> bytes = database_->Get(options, Family::kAccounts, key);
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return AccountEntry();
  return DecodeAccount(**bytes);
}

absl::StatusOr<std::optional<TokenRecord>> RocksDbTokenStore::ReadRecord(const rocksdb::ReadOptions& options,
                                                                         const TokenDigest& digest) {
  // The token first: then the account is at least of the token's generation, and no revocation that was done before
  // this read began is missed.
  absl::StatusOr<std::optional<TokenEntry>> entry = ReadToken(options, digest);
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) return std::nullopt;
  const absl::StatusOr<AccountEntry> account = ReadAccount(options, AccountKey((*entry)->record.did));
  if (!account.ok()) return account.status();
  (*entry)->record.account_status = account->account.status;
  if ((*entry)->record.revoke_time || account->generation == (*entry)->account_generation) return (*entry)->record;

  // Revoked with the account, unless by itself between the two reads; after the account's it can no longer be.
  entry = ReadToken(options, digest);
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) return std::nullopt;
  TokenRecord& record = (*entry)->record;
  record.account_status = account->account.status;
  if (record.revoke_time) return record;
  const uint64_t ended_by = (*entry)->account_generation + 1;
  const absl::StatusOr<AccountEntry> end = ReadAccount(options, AccountHistoryKey(record.did, ended_by));
  if (!end.ok()) return end.status();
  if (end->generation != ended_by) return absl::DataLossError("an account's revocation is missing");
  record.revoke_time = end->revoke_all_time;
  return record;
}

absl::StatusOr<std::optional<TokenDigest>> RocksDbTokenStore::UsedFor(KeyKind kind, const std::string& did,
                                                                      const std::optional<OneTimeKey>& key,
                                                                      absl::Time now) {
  if (!key) return std::nullopt;
  const absl::StatusOr<std::optional<std::string>> bytes =
      database_->Get({}, Family::kSeen, SeenKey(kind, did, key->key));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::nullopt;
  const absl::StatusOr<OneTimeKeyEntry> entry = DecodeOneTimeKey(**bytes);
  if (!entry.ok()) return entry.status();
  if (entry->expire_time <= now || sweep_.KeySwept(entry->expire_time)) return std::nullopt;
  return entry->token;
}

absl::StatusOr<bool> RocksDbTokenStore::LimitReached(const NewToken& token, uint64_t generation) {
  const std::string& did = token.record.did;
  const std::string& profile = token.record.profile;
  const std::string end = AfterPrefix(LivePrefix(did, generation, profile));
  const rocksdb::Slice upper_bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const auto live = database_->NewIterator(options, Family::kLive);
  const absl::Time first_live = std::max(token.now + absl::Microseconds(1), sweep_.cutoffs().tokens_ended);
  int count = 0;
  live->Seek(LivePosition(did, generation, profile, first_live));
  while (count < token.max_live && live->Valid()) {
    ++count;
    if (count < token.max_live) live->Next();
  }
  if (absl::Status status = database_->CheckIterator(*live); !status.ok()) return status;
  return count >= token.max_live;
}

absl::StatusOr<std::optional<absl::Time>> RocksDbTokenStore::RecentLimitReached(const NewToken& token) {
  if (!token.recent_limit) return std::nullopt;
  const std::string prefix = ByDidPrefix(token.record.did);
  const auto tokens = database_->NewIterator({}, Family::kByDid);
  int count = 0;
  tokens->SeekForPrev(ByDidKey(token.record.did, {token.now + absl::Microseconds(1), TokenDigest()}));
  for (; tokens->Valid() && absl::StartsWith(View(tokens->key()), prefix); tokens->Prev()) {
    const std::optional<ListCursor> position = ParseByDidKey(View(tokens->key()), prefix);
    const std::optional<absl::Time> end = DecodeTime(View(tokens->value()));
    if (!position || !end) return IndexDamaged();
    if (position->issue_time > token.now || sweep_.TokenSwept(*end)) continue;
    if (position->issue_time <= token.recent_limit->since) break;
    if (++count == token.recent_limit->count) return position->issue_time;
  }
  if (absl::Status status = database_->CheckIterator(*tokens); !status.ok()) return status;
  return std::nullopt;
}

}  // namespace tokens::storage
