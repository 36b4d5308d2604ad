#include "storage/rocksdb_database.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb_audit.h"
#include "storage/rocksdb_keys.h"
#include "storage/rocksdb_schema.h"
#include "storage/rocksdb_stats.h"
#include "storage/store_directory.h"
#include "storage/stored_audit_codec.h"

namespace tokens::storage {

absl::StatusOr<std::unique_ptr<RocksDbDatabase>> RocksDbDatabase::Open(const RocksDbOptions& options,
                                                                       const SweepState& sweep) {
  std::unique_ptr<RocksDbDatabase> database(new RocksDbDatabase(options));
  const absl::StatusOr<StoreDirectory> directory =
      PrepareStoreDirectory(database->options_.directory, *database->options_.env);
  if (!directory.ok()) return directory.status();
  const bool create = *directory == StoreDirectory::kToBeMade;
  if (absl::Status status = database->OpenIn(create, sweep); !status.ok()) return status;
  if (create) {
    if (absl::Status status = FinishStoreDirectory(database->options_.directory); !status.ok()) return status;
  }
  return database;
}

absl::StatusOr<std::unique_ptr<RocksDbDatabase>> RocksDbDatabase::OpenCopied(const RocksDbOptions& options,
                                                                             const SweepState& sweep) {
  std::unique_ptr<RocksDbDatabase> database(new RocksDbDatabase(options));
  if (absl::Status status = database->OpenIn(/*create=*/false, sweep); !status.ok()) return status;
  return database;
}

RocksDbDatabase::RocksDbDatabase(const RocksDbOptions& options)
    : options_(options), commits_([this](const std::vector<Batch*>& group) { return WriteGroup(group); }) {
  if (options_.env == nullptr) options_.env = rocksdb::Env::Default();
  if (!options_.free_space) options_.free_space = ProbeFileSystem(options_.directory);
  if (options_.statistics == nullptr) {
    options_.statistics = rocksdb::CreateDBStatistics();
    options_.statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  }
}

absl::Status RocksDbDatabase::OpenIn(bool create, const SweepState& sweep) {
  if (absl::Status status = OpenFamilies(create, sweep); !status.ok()) return status;
  if (absl::Status status = CheckSchema(create); !status.ok()) return status;
  const absl::StatusOr<AuditHead> head = ReadAuditHeadAt(UINT64_MAX);
  if (!head.ok()) return head.status();
  audit_head_ = *head;
  return absl::OkStatus();
}

RocksDbDatabase::~RocksDbDatabase() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle == nullptr) continue;
    if (absl::Status status = Convert(db_->DestroyColumnFamilyHandle(handle), "close"); !status.ok()) return;
  }
}

absl::Status RocksDbDatabase::OpenFamilies(bool create, const SweepState& sweep) {
  const absl::StatusOr<bool> make_families = MustMakeFamilies(create);
  if (!make_families.ok()) return make_families.status();
  rocksdb::DBOptions db_options = MakeDbOptions(options_);
  db_options.create_if_missing = create;
  db_options.create_missing_column_families = *make_families;
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

absl::StatusOr<bool> RocksDbDatabase::MustMakeFamilies(bool create) {
  if (create) return true;
  std::vector<std::string> names;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(MakeDbOptions(options_), options_.directory, &names);
  if (!listed.ok()) return ConvertOnOpen(listed);
  if (absl::Status status = CheckFamilyNames(names); !status.ok()) return status;
  return names.size() < kFamilyNames.size();
}

absl::Status RocksDbDatabase::CheckSchema(bool create) {
  const auto stored = Get(rocksdb::ReadOptions(), Family::kMeta, kSchemaKey);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value() && create) {
    Batch batch(*this);
    batch.Put(Family::kMeta, kSchemaKey, absl::StrCat(kSchemaVersion));
    return Write(std::move(batch));
  }
  return CheckSchemaVersion(*stored);
}

void RocksDbDatabase::Batch::Put(Family family, std::string key, std::string value) {
  changes_.push_back({database_.Handle(family), std::move(key), std::move(value)});
}

void RocksDbDatabase::Batch::Delete(Family family, std::string key) {
  changes_.push_back({database_.Handle(family), std::move(key), std::nullopt});
}

void RocksDbDatabase::Batch::Audit(AuditEntry entry) { audit_.push_back(std::move(entry)); }

absl::Status RocksDbDatabase::Batch::AppendTo(rocksdb::WriteBatch& batch) const {
  for (const Change& change : changes_) {
    const rocksdb::Status added =
        change.value ? batch.Put(change.family, change.key, *change.value) : batch.Delete(change.family, change.key);
    if (!added.ok()) return database_.Convert(added, "write");
  }
  return absl::OkStatus();
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
  for (const AuditEntry& entry : batch.audit_) {
    if (absl::Status status = CheckAuditEntry(entry); !status.ok()) return status;
  }
  return commits_.Commit(batch);
}

absl::Status RocksDbDatabase::WriteUnsynced(const Batch& batch) {
  rocksdb::WriteBatch changes;
  if (absl::Status status = batch.AppendTo(changes); !status.ok()) return status;
  return Apply(changes, /*sync=*/false);
}

absl::Status RocksDbDatabase::WriteGroup(const std::vector<Batch*>& group) {
  rocksdb::WriteBatch changes;
  for (const Batch* batch : group) {
    if (absl::Status status = batch->AppendTo(changes); !status.ok()) return status;
  }
  const absl::StatusOr<AuditHead> head = AppendAuditTo(changes, group);
  if (!head.ok()) return head.status();
  if (absl::Status status = Apply(changes, /*sync=*/true); !status.ok()) return status;
  audit_head_ = *head;
  return absl::OkStatus();
}

absl::StatusOr<AuditHead> RocksDbDatabase::AppendAuditTo(rocksdb::WriteBatch& batch, const std::vector<Batch*>& group) {
  AuditHead head = audit_head_;
  for (const Batch* each : group) {
    for (const AuditEntry& entry : each->audit_) {
      const AuditRecord record = Link(head, entry);
      const rocksdb::Status added = batch.Put(Handle(Family::kAudit), AuditKey(record.sequence), EncodeAudit(record));
      if (!added.ok()) return Convert(added, "write");
      head = HeadAfter(record);
    }
  }
  return head;
}

absl::Status RocksDbDatabase::Apply(rocksdb::WriteBatch& batch, bool sync) {
  if (absl::Status status = CheckFreeSpace(options_.free_space, options_.free_space_reserve_bytes); !status.ok()) {
    return status;
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto begin = std::chrono::steady_clock::now();
  const rocksdb::Status written = db_->Write(options, &batch);
  if (sync && options_.synced) options_.synced(absl::FromChrono(std::chrono::steady_clock::now() - begin));
  return Convert(written, "write");
}

absl::StatusOr<std::vector<AuditRecord>> RocksDbDatabase::ReadAudit(uint64_t after, int limit) {
  const auto audit = NewIterator({}, Family::kAudit);
  return storage::ReadAudit(*audit, after, limit, options_.log);
}

absl::StatusOr<AuditHead> RocksDbDatabase::ReadAuditHeadAt(uint64_t sequence) {
  const auto audit = NewIterator({}, Family::kAudit);
  return storage::ReadAuditHeadAt(*audit, sequence, options_.log);
}

absl::StatusOr<std::vector<AuditCheckpoint>> RocksDbDatabase::ReadCheckpoints(uint64_t after, int limit) {
  const auto checkpoints = NewIterator({}, Family::kCheckpoints);
  return storage::ReadCheckpoints(*checkpoints, after, limit, options_.log);
}

StoreStats RocksDbDatabase::ReadStats() { return ReadRocksDbStats(*db_, Handle(Family::kLive), options_); }

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
