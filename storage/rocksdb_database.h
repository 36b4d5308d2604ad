#ifndef STORAGE_ROCKSDB_DATABASE_H_
#define STORAGE_ROCKSDB_DATABASE_H_

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
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

  ~RocksDbDatabase();
  RocksDbDatabase(const RocksDbDatabase&) = delete;
  RocksDbDatabase& operator=(const RocksDbDatabase&) = delete;

  // Changes that Write makes as one.
  class Batch {
   public:
    explicit Batch(RocksDbDatabase& database) : database_(database) {}
    void Put(Family family, const std::string& key, const std::string& value);
    void Delete(Family family, const std::string& key);

   private:
    friend class RocksDbDatabase;
    RocksDbDatabase& database_;
    rocksdb::WriteBatch batch_;
    rocksdb::Status failure_;  // The first; makes Write fail.
  };

  // Nothing if the key is not there.
  absl::StatusOr<std::optional<std::string>> Get(const rocksdb::ReadOptions& options, Family family,
                                                 const std::string& key);

  // Must not outlive this. Its end may be an error: see CheckIterator.
  std::unique_ptr<rocksdb::Iterator> NewIterator(const rocksdb::ReadOptions& options, Family family);
  absl::Status CheckIterator(const rocksdb::Iterator& iterator);

  // On return all of it is on the disk, or none of it was done. RESOURCE_EXHAUSTED under the reserve.
  absl::Status Write(Batch batch);

  // The same, but on the disk only with the next Write, or when the system gets round to it: survives a crash of the
  // program, not of the machine.
  absl::Status WriteUnsynced(Batch batch);

  // Rewrites every file, which frees what was swept. Takes long.
  absl::Status Compact();

  rocksdb::DB* db() { return db_.get(); }

 private:
  explicit RocksDbDatabase(const RocksDbOptions& options) : options_(options) {}

  absl::Status OpenFamilies(bool create, const SweepState& sweep);
  absl::Status Write(const rocksdb::WriteOptions& options, Batch batch);
  absl::Status CheckFamilies(bool create);
  absl::Status CheckSchema(bool create);
  absl::Status Convert(const rocksdb::Status& status, const char* action) const;
  absl::Status ConvertOnOpen(const rocksdb::Status& status) const;
  rocksdb::ColumnFamilyHandle* Handle(Family family) { return handles_[static_cast<int>(family)]; }

  RocksDbOptions options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_ = {};  // Owned, and destroyed before db_.
};

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_DATABASE_H_
