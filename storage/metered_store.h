#ifndef STORAGE_METERED_STORE_H_
#define STORAGE_METERED_STORE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/store.h"

namespace tokens::storage {

// Told the code of each call that failed, on the thread that made it. Must not block.
using FailureObserver = std::function<void(absl::StatusCode)>;

// A store that tells of the failures of the one behind it and is otherwise the same. What the contract calls an answer
// or the caller's fault (NOT_FOUND, INVALID_ARGUMENT) is no failure. Thread-safe.
class MeteredStore : public Store {
 public:
  MeteredStore(std::unique_ptr<Store> store, FailureObserver failed)
      : store_(std::move(store)), failed_(std::move(failed)) {}

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

  absl::StatusOr<BeginOutcome> Begin(const NewSession& session) override;
  absl::StatusOr<RotateOutcome> Rotate(const Rotation& rotation) override;
  absl::StatusOr<SessionRecord> FindSession(const SessionId& id) override;
  absl::StatusOr<bool> EndSession(const SessionId& id, absl::Time at, const Actor& by) override;

  absl::Status AppendAudit(const AuditEntry& entry) override;
  absl::StatusOr<std::vector<AuditRecord>> ReadAudit(uint64_t after, int limit) override;
  absl::StatusOr<AuditHead> ReadAuditHeadAt(uint64_t sequence) override;
  absl::Status WriteCheckpoint(const AuditCheckpoint& checkpoint) override;
  absl::StatusOr<std::vector<AuditCheckpoint>> ReadCheckpoints(uint64_t after, int limit) override;

  absl::StatusOr<std::unique_ptr<BackupFolder>> OpenBackups(const BackupOptions& options) override;
  StoreStats ReadStats() override { return store_->ReadStats(); }

 private:
  void Tell(const absl::Status& status) const;
  template <typename Result>
  Result Told(Result result) const;

  const std::unique_ptr<Store> store_;
  const FailureObserver failed_;
};

}  // namespace tokens::storage

#endif  // STORAGE_METERED_STORE_H_
