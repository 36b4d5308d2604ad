#ifndef STORAGE_ROCKSDB_DATABASE_H_
#define STORAGE_ROCKSDB_DATABASE_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "storage/audit_chain.h"
#include "storage/audit_checkpoint.h"
#include "storage/group_commit.h"
#include "storage/rocksdb_options.h"

namespace tokens::storage {

// RocksDB with our column families and our errors: every status is converted where it arises (rocksdb_status.h), every
// write is checked against the free-space reserve and, unless its name says otherwise, synced. Knows bytes, not tokens.
// Thread-safe; closes on destruction.
class RocksDbDatabase {
 public:
  // Opens the store in options.directory, or makes it where there is nothing yet. `sweep` must outlive this.
  // Errors as PrepareStoreDirectory; also FAILED_PRECONDITION for a store that a newer program made, DATA_LOSS for a
  // damaged one, UNAVAILABLE for anything else (worth another try).
  static absl::StatusOr<std::unique_ptr<RocksDbDatabase>> Open(const RocksDbOptions& options, const SweepState& sweep);

  // Opens a store whose files have just been copied into options.directory and are all there: a log may be missing,
  // which of any other store is damage. Otherwise as Open.
  static absl::StatusOr<std::unique_ptr<RocksDbDatabase>> OpenCopied(const RocksDbOptions& options,
                                                                     const SweepState& sweep);

  ~RocksDbDatabase();
  RocksDbDatabase(const RocksDbDatabase&) = delete;
  RocksDbDatabase& operator=(const RocksDbDatabase&) = delete;

  // Changes that Write makes as one.
  class Batch {
   public:
    explicit Batch(RocksDbDatabase& database) : database_(database) {}
    void Put(Family family, std::string key, std::string value);
    void Delete(Family family, std::string key);
    // A record of what the batch does. Its place in the chain is found when it is written.
    void Audit(AuditEntry entry);

   private:
    friend class RocksDbDatabase;
    struct Change {
      rocksdb::ColumnFamilyHandle* family;
      std::string key;
      std::optional<std::string> value;  // None: delete.
    };
    absl::Status AppendTo(rocksdb::WriteBatch& batch) const;

    RocksDbDatabase& database_;
    std::vector<Change> changes_;
    std::vector<AuditEntry> audit_;
  };

  // Nothing if the key is not there.
  absl::StatusOr<std::optional<std::string>> Get(const rocksdb::ReadOptions& options, Family family,
                                                 const std::string& key);

  // Must not outlive this. Its end may be an error: see CheckIterator.
  std::unique_ptr<rocksdb::Iterator> NewIterator(const rocksdb::ReadOptions& options, Family family);
  absl::Status CheckIterator(const rocksdb::Iterator& iterator);

  // On return all of it is on the disk, or none of it was done. RESOURCE_EXHAUSTED under the reserve, INVALID_ARGUMENT
  // for an audit entry past its bounds. Batches that threads bring at the same time become one synced write, in which
  // they and their audit records have the same order; they share its status, and where it fails the chain of the audit
  // stays as it was.
  absl::Status Write(Batch batch);

  // The same, but on the disk only with the next Write, or when the system gets round to it: survives a crash of the
  // program, not of the machine. Not for what is audited.
  absl::Status WriteUnsynced(const Batch& batch);

  // As AuditLog (audit_log.h).
  absl::StatusOr<std::vector<AuditRecord>> ReadAudit(uint64_t after, int limit);
  absl::StatusOr<AuditHead> ReadAuditHeadAt(uint64_t sequence);
  absl::StatusOr<std::vector<AuditCheckpoint>> ReadCheckpoints(uint64_t after, int limit);

  // As StatsSource (store_stats.h).
  StoreStats ReadStats();

  // Rewrites every file, which frees what was swept. Takes long.
  absl::Status Compact();

  rocksdb::DB* db() { return db_.get(); }
  const RocksDbOptions& options() const { return options_; }

 private:
  explicit RocksDbDatabase(const RocksDbOptions& options);

  absl::Status OpenIn(bool create, const SweepState& sweep);
  absl::Status OpenFamilies(bool create, const SweepState& sweep);
  absl::Status WriteGroup(const std::vector<Batch*>& group);
  // Puts the group's audit records into `batch`; the end of the chain after them.
  absl::StatusOr<AuditHead> AppendAuditTo(rocksdb::WriteBatch& batch, const std::vector<Batch*>& group);
  absl::Status Apply(rocksdb::WriteBatch& batch, bool sync);
  // Whether families must be made, for one of the two reasons: the store is new, or an older program made it.
  absl::StatusOr<bool> MustMakeFamilies(bool create);
  absl::Status CheckSchema(bool create);
  absl::Status Convert(const rocksdb::Status& status, const char* action) const;
  absl::Status ConvertOnOpen(const rocksdb::Status& status) const;
  rocksdb::ColumnFamilyHandle* Handle(Family family) { return handles_[static_cast<int>(family)]; }

  RocksDbOptions options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_ = {};  // Owned, and destroyed before db_.
  AuditHead audit_head_;                                              // Of whoever writes a group.
  GroupCommit<Batch> commits_;
};

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_DATABASE_H_
