#include "storage/rocksdb_read_only.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/cache.h"
#include "rocksdb/table.h"
#include "storage/rocksdb_schema.h"

namespace tokens::storage {
namespace {

constexpr int kOpenFiles = 1000;  // Not all, as a server holds them: their indexes would all be in memory.

rocksdb::ColumnFamilyOptions FamilyOptions(const RocksDbOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RocksDbReadOnly>> RocksDbReadOnly::Open(const RocksDbOptions& options,
                                                                       const std::vector<Family>& families) {
  std::unique_ptr<RocksDbReadOnly> store(new RocksDbReadOnly(options));
  rocksdb::DBOptions db_options = MakeDbOptions(options);
  db_options.max_open_files = kOpenFiles;
  std::vector<std::string> names;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(db_options, options.directory, &names);
  if (!listed.ok()) return FromRocksDb(listed, "open the store", options.log);
  if (absl::Status status = CheckFamilyNames(names); !status.ok()) return status;

  const rocksdb::ColumnFamilyOptions family_options = FamilyOptions(options);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  std::vector<Family> there;
  for (const Family family : families) {
    const char* name = kFamilyNames[static_cast<int>(family)];
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    there.push_back(family);
    descriptors.emplace_back(name, family_options);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(db_options, options.directory, descriptors, &handles, &db);
  if (!opened.ok()) return FromRocksDb(opened, "open the store", options.log);
  store->db_.reset(db);
  for (size_t i = 0; i < there.size(); ++i) store->handles_[static_cast<int>(there[i])] = handles[i];
  if (absl::Status status = store->CheckSchema(); !status.ok()) return status;
  return store;
}

absl::StatusOr<std::unique_ptr<RocksDbReadOnly>> RocksDbReadOnly::Open(const RocksDbOptions& options) {
  std::vector<Family> all;
  all.reserve(kFamilies);
  for (int i = 0; i < kFamilies; ++i) all.push_back(static_cast<Family>(i));
  return Open(options, all);
}

RocksDbReadOnly::~RocksDbReadOnly() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle == nullptr) continue;
    const rocksdb::Status closed = db_->DestroyColumnFamilyHandle(handle);
    if (!closed.ok() && options_.log) options_.log(closed.ToString());
  }
}

std::unique_ptr<rocksdb::Iterator> RocksDbReadOnly::NewIterator(Family family) const {
  rocksdb::ColumnFamilyHandle* const handle = handles_[static_cast<int>(family)];
  if (handle == nullptr) return std::unique_ptr<rocksdb::Iterator>(rocksdb::NewEmptyIterator());
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = 2 << 20;
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, handle));
}

absl::Status RocksDbReadOnly::CheckIterator(const rocksdb::Iterator& iterator) const {
  return FromRocksDb(iterator.status(), "read", options_.log);
}

absl::StatusOr<std::optional<std::string>> RocksDbReadOnly::Get(Family family, const std::string& key) const {
  rocksdb::ColumnFamilyHandle* const handle = handles_[static_cast<int>(family)];
  if (handle == nullptr) return std::nullopt;
  std::string value;
  const rocksdb::Status status = db_->Get({}, handle, key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return FromRocksDb(status, "read", options_.log);
  return value;
}

absl::Status RocksDbReadOnly::VerifyChecksums() const {
  rocksdb::ReadOptions options;
  options.readahead_size = 2 << 20;
  const rocksdb::Status status = db_->VerifyChecksum(options);
  if (status.IsCorruption()) return absl::DataLossError(status.ToString());
  return FromRocksDb(status, "read", options_.log);
}

absl::Status RocksDbReadOnly::CheckSchema() const {
  if (handles_[static_cast<int>(Family::kMeta)] == nullptr) return absl::OkStatus();
  const absl::StatusOr<std::optional<std::string>> stored = Get(Family::kMeta, kSchemaKey);
  return stored.ok() ? CheckSchemaVersion(*stored) : stored.status();
}

}  // namespace tokens::storage
