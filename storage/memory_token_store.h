#ifndef STORAGE_MEMORY_TOKEN_STORE_H_
#define STORAGE_MEMORY_TOKEN_STORE_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "storage/store.h"

namespace tokens::storage {

// The contract of Store in the fewest lines: what it says here is what the others must do. For tests and
// development; keeps nothing beyond its own lifetime, so its "durable" is void. Thread-safe by one lock. Inserting and
// RevokeAll look at every token of the account, ReadStats at all there are.
class MemoryTokenStore : public Store {
 public:
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

  // memory_sessions.cc
  absl::StatusOr<BeginOutcome> Begin(const NewSession& session) override;
  absl::StatusOr<RotateOutcome> Rotate(const Rotation& rotation) override;
  absl::StatusOr<SessionRecord> FindSession(const SessionId& id) override;
  absl::StatusOr<bool> EndSession(const SessionId& id, absl::Time at, const Actor& by) override;

  // memory_audit.cc
  absl::Status AppendAudit(const AuditEntry& entry) override;
  absl::StatusOr<std::vector<AuditRecord>> ReadAudit(uint64_t after, int limit) override;
  absl::StatusOr<AuditHead> ReadAuditHeadAt(uint64_t sequence) override;
  absl::Status WriteCheckpoint(const AuditCheckpoint& checkpoint) override;
  absl::StatusOr<std::vector<AuditCheckpoint>> ReadCheckpoints(uint64_t after, int limit) override;

  absl::StatusOr<std::unique_ptr<BackupFolder>> OpenBackups(const BackupOptions& options) override;
  StoreStats ReadStats() override;

 private:
  struct Token {
    TokenRecord record;
    bool revoked_with_account = false;  // Says of record.revoke_time where it came from.
  };
  struct UsedKey {
    absl::Time expire_time;
    TokenDigest token;
  };
  enum class KeyKind { kIdempotencyKey, kSingleUseId };
  using KeyId = std::tuple<KeyKind, std::string, std::string>;  // Kind, DID, key.

  struct Refresh {
    absl::Time expire_time;
    std::optional<RefreshId> next;
  };
  struct Session {
    SessionRecord record;
    std::optional<absl::Time> end_time;  // When it ended by itself.
    std::map<RefreshId, Refresh> refreshes;
  };

  // Null if it is not there or was swept.
  Session* FindHeld(const SessionId& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // True if there were any.
  bool EndSessionsOf(const std::string& did) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SweepSessions() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Swept(const Session& session) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  bool Swept(const Token& token) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Account AccountOf(const std::string& did) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  TokenRecord WithStatus(TokenRecord record) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  const UsedKey* InUse(KeyKind kind, const std::string& did, const std::optional<OneTimeKey>& key, absl::Time now) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Audit(const AuditEntry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  AuditHead Head() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  int CountLive(const std::string& did, const std::string& profile, absl::Time now) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Nothing if there is room, otherwise InsertOutcome::makes_room.
  std::optional<absl::Time> RecentLimitReached(const NewToken& token) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  // Holds swept tokens too until the next Sweep: a token can end before the cutoffs after they were set.
  std::map<TokenDigest, Token> tokens_ ABSL_GUARDED_BY(mutex_);
  // Oldest first, by issue time and digest.
  absl::flat_hash_map<std::string, std::set<std::pair<absl::Time, TokenDigest>>> by_did_ ABSL_GUARDED_BY(mutex_);
  std::map<KeyId, UsedKey> used_keys_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Account> accounts_ ABSL_GUARDED_BY(mutex_);  // Those whose status was ever set.
  std::map<SessionId, Session> sessions_ ABSL_GUARDED_BY(mutex_);
  std::vector<AuditRecord> audit_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, AuditCheckpoint> checkpoints_ ABSL_GUARDED_BY(mutex_);
  SweepCutoffs cutoffs_ ABSL_GUARDED_BY(mutex_) = {absl::InfinitePast(), absl::InfinitePast()};
};

}  // namespace tokens::storage

#endif  // STORAGE_MEMORY_TOKEN_STORE_H_
