#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "storage/rocksdb_token_store.h"
#include "storage/session_rules.h"
#include "storage/token_audit.h"
#include "storage/token_rules.h"

namespace tokens::storage {

absl::StatusOr<BeginOutcome> RocksDbTokenStore::Begin(const NewSession& session) {
  if (absl::Status bad = CheckNewSession(session); !bad.ok()) return bad;
  const SessionRecord& record = session.record;
  LockStripes::Hold hold(locks_, record.did, record.id.bytes());
  const absl::StatusOr<AccountEntry> account = ReadAccount({}, AccountKey(record.did));
  if (!account.ok()) return account.status();
  const AccountStatus status = account->account.status;
  if (!MayHaveSessions(status)) return BeginOutcome{BeginOutcome::Kind::kAccountInactive, status};
  const absl::StatusOr<bool> full = SessionLimitReached(session, account->generation);
  if (!full.ok()) return full.status();
  if (*full) return BeginOutcome{BeginOutcome::Kind::kLiveLimitReached, status};
  const auto same = ReadSession(record.id);
  if (!same.ok()) return same.status();
  if (same->has_value()) return BeginOutcome{BeginOutcome::Kind::kIdExists, status};

  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kSessions, SessionKey(record.id), EncodeSession({record, std::nullopt, account->generation}));
  batch.Put(Family::kSessions, RefreshKey(record.id, session.first), EncodeRefresh({record.expire_time, std::nullopt}));
  batch.Put(Family::kSessions, LiveSessionKey(record, account->generation), "");
  batch.Audit(SessionCreateEntry(session));
  if (absl::Status written = database_->Write(std::move(batch)); !written.ok()) return written;
  return BeginOutcome{BeginOutcome::Kind::kBegun, status};
}

absl::StatusOr<RotateOutcome> RocksDbTokenStore::Rotate(const Rotation& rotation) {
  if (absl::Status status = CheckRotation(rotation); !status.ok()) return status;
  LockStripes::Hold hold(locks_, rotation.did);
  const absl::StatusOr<AccountEntry> account = ReadAccount({}, AccountKey(rotation.did));
  if (!account.ok()) return account.status();
  RotateOutcome outcome;
  outcome.account_status = account->account.status;
  if (!MayHaveSessions(outcome.account_status)) {
    outcome.kind = RotateOutcome::Kind::kAccountInactive;
    return outcome;
  }
  absl::StatusOr<std::optional<SessionEntry>> session = ReadSession(rotation.session);
  if (!session.ok()) return session.status();
  if (!session->has_value() || (*session)->record.did != rotation.did || (*session)->end_time ||
      (*session)->account_generation != account->generation) {
    return outcome;
  }
  const auto current = ReadRefresh(rotation.session, rotation.current);
  if (!current.ok()) return current.status();
  if (!current->has_value() || (*current)->expire_time <= rotation.now) return outcome;
  if (!(*current)->next) {
    if (absl::Status status = MakeSuccessor(rotation, **std::move(session), **current); !status.ok()) return status;
  }
  const RefreshId next = (*current)->next.value_or(rotation.successor);
  const auto successor = ReadRefresh(rotation.session, next);
  if (!successor.ok()) return successor.status();
  if (!successor->has_value() || (*successor)->expire_time <= rotation.now) return outcome;
  outcome.kind = RotateOutcome::Kind::kRotated;
  outcome.successor = next;
  outcome.successor_expire_time = (*successor)->expire_time;
  return outcome;
}

absl::Status RocksDbTokenStore::MakeSuccessor(const Rotation& rotation, SessionEntry session, RefreshEntry current) {
  const auto same = ReadRefresh(rotation.session, rotation.successor);
  if (!same.ok()) return same.status();
  if (same->has_value()) return absl::InvalidArgumentError("successor is in use in this session");
  // One batch: after a crash there is the old token alone, or the old one with its successor.
  RocksDbDatabase::Batch batch(*database_);
  current.next = rotation.successor;
  current.expire_time = std::min(current.expire_time, rotation.now + rotation.grace);
  batch.Put(Family::kSessions, RefreshKey(rotation.session, rotation.current), EncodeRefresh(current));
  batch.Put(Family::kSessions, RefreshKey(rotation.session, rotation.successor),
            EncodeRefresh({rotation.successor_expire_time, std::nullopt}));
  if (rotation.successor_expire_time > session.record.expire_time) {
    batch.Delete(Family::kSessions, LiveSessionKey(session.record, session.account_generation));
    session.record.expire_time = rotation.successor_expire_time;
    batch.Put(Family::kSessions, LiveSessionKey(session.record, session.account_generation), "");
    batch.Put(Family::kSessions, SessionKey(rotation.session), EncodeSession(session));
  }
  return database_->Write(std::move(batch));
}

absl::StatusOr<SessionRecord> RocksDbTokenStore::FindSession(const SessionId& id) {
  // The session first: then the account is at least of its generation, and no revocation done before is missed.
  absl::StatusOr<std::optional<SessionEntry>> entry = ReadSession(id);
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) return absl::NotFoundError("no such session");
  SessionRecord& record = (*entry)->record;
  const absl::StatusOr<AccountEntry> account = ReadAccount({}, AccountKey(record.did));
  if (!account.ok()) return account.status();
  record.ended = (*entry)->end_time || account->generation > (*entry)->account_generation;
  record.account_status = account->account.status;
  return std::move(record);
}

absl::StatusOr<bool> RocksDbTokenStore::EndSession(const SessionId& id, absl::Time at, const Actor& by) {
  if (absl::Status status = CheckInstant("at", at); !status.ok()) return status;
  if (absl::Status status = CheckActor(by); !status.ok()) return status;
  const absl::StatusOr<std::optional<SessionEntry>> unlocked = ReadSession(id);
  if (!unlocked.ok()) return unlocked.status();
  if (!unlocked->has_value()) return false;
  const std::string did = (*unlocked)->record.did;

  LockStripes::Hold hold(locks_, did);
  absl::StatusOr<std::optional<SessionEntry>> entry = ReadSession(id);
  if (!entry.ok()) return entry.status();
  if (!entry->has_value() || (*entry)->end_time) return false;
  if ((*entry)->record.did != did) return absl::UnavailableError("the session was replaced meanwhile");
  const absl::StatusOr<AccountEntry> account = ReadAccount({}, AccountKey(did));
  if (!account.ok()) return account.status();
  if (account->generation > (*entry)->account_generation) return false;
  (*entry)->end_time = at;
  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kSessions, SessionKey(id), EncodeSession(**entry));
  batch.Delete(Family::kSessions, LiveSessionKey((*entry)->record, (*entry)->account_generation));
  batch.Audit(SessionDeleteEntry((*entry)->record, at, by));
  if (absl::Status status = database_->Write(std::move(batch)); !status.ok()) return status;
  return true;
}

absl::StatusOr<std::optional<SessionEntry>> RocksDbTokenStore::ReadSession(const SessionId& id) {
  const absl::StatusOr<std::optional<std::string>> bytes = database_->Get({}, Family::kSessions, SessionKey(id));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::nullopt;
  absl::StatusOr<SessionEntry> entry = DecodeSession(id, **bytes);
  if (!entry.ok()) return entry.status();
  if (sweep_.TokenSwept(EndOf(entry->record.expire_time, entry->end_time))) return std::nullopt;
  return *std::move(entry);
}

absl::StatusOr<std::optional<RefreshEntry>> RocksDbTokenStore::ReadRefresh(const SessionId& session,
                                                                           const RefreshId& id) {
  const auto bytes = database_->Get({}, Family::kSessions, RefreshKey(session, id));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::nullopt;
  absl::StatusOr<RefreshEntry> entry = DecodeRefresh(**bytes);
  if (!entry.ok()) return entry.status();
  if (sweep_.TokenSwept(entry->expire_time)) return std::nullopt;
  return *std::move(entry);
}

absl::StatusOr<bool> RocksDbTokenStore::SessionLimitReached(const NewSession& session, uint64_t generation) {
  const std::string& did = session.record.did;
  const std::string prefix = LiveSessionPrefix(did, generation);
  const absl::Time first_live =
      std::max(session.record.create_time + absl::Microseconds(1), sweep_.cutoffs().tokens_ended);
  const auto live = database_->NewIterator({}, Family::kSessions);
  int count = 0;
  live->Seek(LiveSessionPosition(did, generation, first_live));
  while (count < session.max_live && live->Valid() && live->key().starts_with(prefix)) {
    ++count;
    live->Next();
  }
  if (absl::Status status = database_->CheckIterator(*live); !status.ok()) return status;
  return count >= session.max_live;
}

absl::StatusOr<bool> RocksDbTokenStore::HasSessions(const std::string& did, uint64_t generation) {
  const std::string prefix = LiveSessionPrefix(did, generation);
  const auto live = database_->NewIterator({}, Family::kSessions);
  live->Seek(LiveSessionPosition(did, generation, sweep_.cutoffs().tokens_ended));
  const bool found = live->Valid() && live->key().starts_with(prefix);
  if (absl::Status status = database_->CheckIterator(*live); !status.ok()) return status;
  return found;
}

}  // namespace tokens::storage
