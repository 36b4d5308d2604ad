#ifndef STORAGE_ROCKSDB_READ_ONLY_H_
#define STORAGE_ROCKSDB_READ_ONLY_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "storage/rocksdb_options.h"

namespace tokens::storage {

// A store that nobody changes meanwhile, or a backup of one, opened to be read alone: changes no file, makes none.
// Thread-safe. What has been swept and not yet compacted away is still there.
class RocksDbReadOnly {
 public:
  // Opens these families of the store in options.directory; one that the store does not have, because an older program
  // made it, is empty. FAILED_PRECONDITION: a newer program made it. DATA_LOSS:
  // damaged. UNAVAILABLE: it cannot be opened.
  static absl::StatusOr<std::unique_ptr<RocksDbReadOnly>> Open(const RocksDbOptions& options,
                                                               const std::vector<Family>& families);
  // All of them.
  static absl::StatusOr<std::unique_ptr<RocksDbReadOnly>> Open(const RocksDbOptions& options);

  ~RocksDbReadOnly();
  RocksDbReadOnly(const RocksDbReadOnly&) = delete;
  RocksDbReadOnly& operator=(const RocksDbReadOnly&) = delete;

  // Of an open family; must not outlive this. For reading through: fills no cache.
  std::unique_ptr<rocksdb::Iterator> NewIterator(Family family) const;
  absl::Status CheckIterator(const rocksdb::Iterator& iterator) const;

  // Nothing if the key is not there.
  absl::StatusOr<std::optional<std::string>> Get(Family family, const std::string& key) const;

  // Reads every block of every table file and compares its checksum. DATA_LOSS names the file, and only that.
  absl::Status VerifyChecksums() const;

 private:
  explicit RocksDbReadOnly(const RocksDbOptions& options) : options_(options) {}
  absl::Status CheckSchema() const;

  const RocksDbOptions options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_ =
      {};  // Null: not open, or not there. Destroyed before db_.
};

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_READ_ONLY_H_
