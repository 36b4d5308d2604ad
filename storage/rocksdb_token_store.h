#ifndef STORAGE_ROCKSDB_TOKEN_STORE_H_
#define STORAGE_ROCKSDB_TOKEN_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "storage/lock_stripes.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_keys.h"
#include "storage/rocksdb_options.h"
#include "storage/store.h"
#include "storage/stored_session_codec.h"
#include "storage/stored_token_codec.h"
#include "storage/sweep_state.h"

namespace tokens::storage {

// Store in a directory of one machine, by RocksDB: one class, for all of it stands on the same accounts and log. For
// open_token_store.cc and tests; others know the interfaces.
//
// Writes check and write under the lock of their DID and of their digest, then wait for the synced log; those that wait
// go into one write (group_commit.h), whose order is that of the audit. Reads take no lock of ours. A directory belongs
// to one process at a time.
//
// Revoking an account raises its generation, a number kept beside it; a token belongs to the generation it was inserted
// in and is revoked when that is past. So it holds whatever the clock did meanwhile.
class RocksDbTokenStore : public Store {
 public:
  // Opens or makes the store. Errors as RocksDbDatabase::Open.
  static absl::StatusOr<std::unique_ptr<RocksDbTokenStore>> Open(const RocksDbOptions& options);

  absl::StatusOr<InsertOutcome> Insert(const NewToken& token) override;
  absl::StatusOr<bool> SpendSingleUseId(const std::string& did, const OneTimeKey& id, absl::Time now) override;
  absl::StatusOr<TokenRecord> Find(const TokenDigest& digest) override;
  absl::StatusOr<TokenDigest> FindById(const std::string& token_id_bytes) override;
  absl::StatusOr<bool> Revoke(const TokenDigest& digest, absl::Time at, const Actor& by) override;
  absl::StatusOr<int> RevokeAll(const std::string& did, absl::Time at, const Actor& by) override;
  absl::Status RecordUses(const std::vector<TokenUse>& uses) override;
  absl::StatusOr<bool> SetAccountStatus(const std::string& did, AccountStatus status, absl::Time at,
                                        const Actor& by) override;
  absl::StatusOr<Account> FindAccount(const std::string& did) override;
  absl::StatusOr<ListPage> List(const std::string& did, const std::optional<ListCursor>& after, int limit) override;
  absl::Status Sweep(const SweepCutoffs& cutoffs) override;

  // rocksdb_sessions.cc
  absl::StatusOr<BeginOutcome> Begin(const NewSession& session) override;
  absl::StatusOr<RotateOutcome> Rotate(const Rotation& rotation) override;
  absl::StatusOr<SessionRecord> FindSession(const SessionId& id) override;
  absl::StatusOr<bool> EndSession(const SessionId& id, absl::Time at, const Actor& by) override;

  // rocksdb_audit_log.cc
  absl::Status AppendAudit(const AuditEntry& entry) override;
  absl::StatusOr<std::vector<AuditRecord>> ReadAudit(uint64_t after, int limit) override;
  absl::StatusOr<AuditHead> ReadAuditHeadAt(uint64_t sequence) override;
  absl::Status WriteCheckpoint(const AuditCheckpoint& checkpoint) override;
  absl::StatusOr<std::vector<AuditCheckpoint>> ReadCheckpoints(uint64_t after, int limit) override;

  StoreStats ReadStats() override { return database_->ReadStats(); }

  // rocksdb_backup_folder.cc
  absl::StatusOr<std::unique_ptr<BackupFolder>> OpenBackups(const BackupOptions& options) override;

  // Frees now what was swept, rather than in the background. Takes long; reads and writes go on.
  absl::Status Compact() { return database_->Compact(); }

 private:
  RocksDbTokenStore() = default;

  // What was stored; nothing if it is not there or was swept.
  absl::StatusOr<std::optional<TokenEntry>> ReadToken(const rocksdb::ReadOptions& options, const TokenDigest& digest);
  // The default if nothing is stored.
  absl::StatusOr<AccountEntry> ReadAccount(const rocksdb::ReadOptions& options, const std::string& key);
  // What a token is to callers, with its account's revocation and status. Nothing as for ReadToken.
  absl::StatusOr<std::optional<TokenRecord>> ReadRecord(const rocksdb::ReadOptions& options, const TokenDigest& digest);
  // The token a key was used for, if it counts as used.
  absl::StatusOr<std::optional<TokenDigest>> UsedFor(KeyKind kind, const std::string& did,
                                                     const std::optional<OneTimeKey>& key, absl::Time now);
  // True if there are `max_live` live tokens; looks at no more than those.
  absl::StatusOr<bool> LimitReached(const NewToken& token, uint64_t generation);
  // Nothing if there is room for one more under `recent_limit`, otherwise InsertOutcome::makes_room. Looks at no more
  // tokens than the limit, and those that were swept but are still there.
  absl::StatusOr<std::optional<absl::Time>> RecentLimitReached(const NewToken& token);
  absl::Status RecordUse(const TokenUse& use);
  // Why a new token is refused, or kInserted.
  absl::StatusOr<InsertOutcome> Judge(const NewToken& token, const AccountEntry& account);
  absl::Status LoadCutoffs();

  // Nothing if it is not there or was swept.
  absl::StatusOr<std::optional<SessionEntry>> ReadSession(const SessionId& id);
  absl::StatusOr<std::optional<RefreshEntry>> ReadRefresh(const SessionId& session, const RefreshId& id);
  absl::StatusOr<bool> SessionLimitReached(const NewSession& session, uint64_t generation);
  // Whether RevokeAll has a session to end, expired or not.
  absl::StatusOr<bool> HasSessions(const std::string& did, uint64_t generation);
  // Makes the successor of `current`. Under the lock of the account.
  absl::Status MakeSuccessor(const Rotation& rotation, SessionEntry session, RefreshEntry current);

  SweepState sweep_;  // Outlives database_, whose compactions ask it.
  std::unique_ptr<RocksDbDatabase> database_;
  LockStripes locks_;
  absl::Mutex sweep_mutex_;  // One Sweep at a time.
};

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_TOKEN_STORE_H_
