#include "storage/rocksdb_database.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/store_directory.h"

namespace tokens::storage {
namespace {

constexpr char kSchemaKey[] = "schema_version";
constexpr int kSchemaVersion = 1;

}  // namespace

absl::StatusOr<std::unique_ptr<RocksDbDatabase>> RocksDbDatabase::Open(const RocksDbOptions& options,
                                                                       const SweepState& sweep) {
  std::unique_ptr<RocksDbDatabase> database(new RocksDbDatabase(options));
  RocksDbOptions& own = database->options_;
  if (own.env == nullptr) own.env = rocksdb::Env::Default();
  if (!own.free_space) own.free_space = ProbeFileSystem(own.directory);
  const absl::StatusOr<StoreDirectory> directory = PrepareStoreDirectory(own.directory, *own.env);
  if (!directory.ok()) return directory.status();
  const bool create = *directory == StoreDirectory::kToBeMade;
  if (absl::Status status = database->OpenFamilies(create, sweep); !status.ok()) return status;
  if (absl::Status status = database->CheckSchema(create); !status.ok()) return status;
  if (create) {
    if (absl::Status status = FinishStoreDirectory(own.directory); !status.ok()) return status;
  }
  return database;
}

RocksDbDatabase::~RocksDbDatabase() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle == nullptr) continue;
    if (absl::Status status = Convert(db_->DestroyColumnFamilyHandle(handle), "close"); !status.ok()) return;
  }
}

absl::Status RocksDbDatabase::OpenFamilies(bool create, const SweepState& sweep) {
  rocksdb::DBOptions db_options = MakeDbOptions(options_);
  db_options.create_if_missing = create;
  db_options.create_missing_column_families = create;
  if (absl::Status status = CheckFamilies(create); !status.ok()) return status;
  const auto family_options = MakeFamilyOptions(options_, sweep);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(kFamilies);
  for (int i = 0; i < kFamilies; ++i) descriptors.emplace_back(kFamilyNames[i], family_options[i]);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(db_options, options_.directory, descriptors, &handles, &db);
  if (!opened.ok()) return ConvertOnOpen(opened);
  db_.reset(db);
  std::copy(handles.begin(), handles.end(), handles_.begin());
  return absl::OkStatus();
}

absl::Status RocksDbDatabase::CheckFamilies(bool create) {
  if (create) return absl::OkStatus();
  std::vector<std::string> names;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(MakeDbOptions(options_), options_.directory, &names);
  if (!listed.ok()) return ConvertOnOpen(listed);
  for (const std::string& name : names) {
    if (std::find(kFamilyNames.begin(), kFamilyNames.end(), name) == kFamilyNames.end()) {
      return absl::FailedPreconditionError("the store was made by a newer version of this program");
    }
  }
  if (names.size() != kFamilyNames.size())
    return absl::DataLossError("the store is damaged: a column family is missing");
  return absl::OkStatus();
}

absl::Status RocksDbDatabase::CheckSchema(bool create) {
  const auto stored = Get(rocksdb::ReadOptions(), Family::kMeta, kSchemaKey);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value() && create) {
    Batch batch(*this);
    batch.Put(Family::kMeta, kSchemaKey, absl::StrCat(kSchemaVersion));
    return Write(std::move(batch));
  }
  int version = 0;
  if (!stored->has_value() || !absl::SimpleAtoi(**stored, &version) || version < 1) {
    return absl::DataLossError("the store is damaged: it has no schema version");
  }
  if (version > kSchemaVersion) {
    return absl::FailedPreconditionError("the store was made by a newer version of this program");
  }
  return absl::OkStatus();
}

void RocksDbDatabase::Batch::Put(Family family, const std::string& key, const std::string& value) {
  const rocksdb::Status status = batch_.Put(database_.Handle(family), key, value);
  if (failure_.ok()) failure_ = status;
}

void RocksDbDatabase::Batch::Delete(Family family, const std::string& key) {
  const rocksdb::Status status = batch_.Delete(database_.Handle(family), key);
  if (failure_.ok()) failure_ = status;
}

absl::StatusOr<std::optional<std::string>> RocksDbDatabase::Get(const rocksdb::ReadOptions& options, Family family,
                                                                const std::string& key) {
  std::string value;
  const rocksdb::Status status = db_->Get(options, Handle(family), key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Convert(status, "read");
  return value;
}

std::unique_ptr<rocksdb::Iterator> RocksDbDatabase::NewIterator(const rocksdb::ReadOptions& options, Family family) {
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, Handle(family)));
}

absl::Status RocksDbDatabase::CheckIterator(const rocksdb::Iterator& iterator) {
  return Convert(iterator.status(), "read");
}

absl::Status RocksDbDatabase::Write(Batch batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  return Write(options, std::move(batch));
}

absl::Status RocksDbDatabase::WriteUnsynced(Batch batch) {
  rocksdb::WriteOptions options;
  options.sync = false;
  return Write(options, std::move(batch));
}

absl::Status RocksDbDatabase::Write(const rocksdb::WriteOptions& options, Batch batch) {
  if (!batch.failure_.ok()) return Convert(batch.failure_, "write");
  if (absl::Status status = CheckFreeSpace(options_.free_space, options_.free_space_reserve_bytes); !status.ok()) {
    return status;
  }
  return Convert(db_->Write(options, &batch.batch_), "write");
}

absl::Status RocksDbDatabase::Compact() {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    absl::Status status = Convert(db_->CompactRange(options, handle, nullptr, nullptr), "compact");
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RocksDbDatabase::Convert(const rocksdb::Status& status, const char* action) const {
  return FromRocksDb(status, action, options_.log);
}

absl::Status RocksDbDatabase::ConvertOnOpen(const rocksdb::Status& status) const {
  absl::Status converted = Convert(status, "open the store");
  // Files that are known to be there and are not: damage here, though merely an I/O error elsewhere.
  if (status.IsNotFound() || status.IsPathNotFound()) return absl::DataLossError(converted.message());
  return converted;
}

}  // namespace tokens::storage
