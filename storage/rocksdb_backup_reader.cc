#include "storage/rocksdb_backup_reader.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/backup_directory.h"
#include "storage/counting_file_system.h"
#include "storage/rocksdb_audit.h"
#include "storage/rocksdb_read_only.h"

namespace tokens::storage {

rocksdb::BackupEngineOptions MakeBackupEngineOptions(const std::string& directory, rocksdb::Logger* log) {
  rocksdb::BackupEngineOptions options(directory);
  options.info_log = log;
  options.sync = true;
  options.share_table_files = true;
  options.share_files_with_checksum = true;  // By the session that made it, a file's name tells two stores' apart.
  options.backup_log_files = true;
  return options;
}

RocksDbOptions OptionsToOpen(const rocksdb::BackupInfo& backup, const StoreLog& log) {
  RocksDbOptions options;
  options.directory = backup.name_for_open;
  options.env = backup.env_for_open.get();
  options.block_cache_bytes = 32 << 20;
  options.log = log;
  return options;
}

absl::StatusOr<Backup> Describe(const rocksdb::BackupInfo& backup, const StoreLog& log) {
  const auto store =
      RocksDbReadOnly::Open(OptionsToOpen(backup, log), {Family::kDefault, Family::kMeta, Family::kAudit});
  if (!store.ok()) return store.status();
  const auto audit = (*store)->NewIterator(Family::kAudit);
  const absl::StatusOr<AuditHead> head = ReadAuditHeadAt(*audit, UINT64_MAX, log);
  if (!head.ok()) return head.status();
  return Backup{backup.backup_id, absl::FromUnixSeconds(backup.timestamp), backup.size, backup.number_files, *head};
}

absl::StatusOr<std::unique_ptr<RocksDbBackupReader>> RocksDbBackupReader::Open(const std::string& directory,
                                                                               StoreLog log, Progress progress) {
  if (absl::Status status = CheckBackupDirectory(directory); !status.ok()) return status;
  std::error_code error;
  if (!std::filesystem::is_directory(std::filesystem::path(directory) / "meta", error)) {
    return absl::NotFoundError("there is no backup in it");
  }
  std::unique_ptr<RocksDbBackupReader> reader(new RocksDbBackupReader(std::move(log), std::move(progress)));
  reader->logger_ = MakeLogger(reader->log_);
  reader->env_ = rocksdb::NewCompositeEnv(
      std::make_shared<CountingFileSystem>([reader = reader.get()](uint64_t bytes) { reader->Advance(bytes); }));
  rocksdb::BackupEngineOptions options = MakeBackupEngineOptions(directory, reader->logger_.get());
  options.backup_env = reader->env_.get();
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const rocksdb::IOStatus opened = rocksdb::BackupEngineReadOnly::Open(options, rocksdb::Env::Default(), &engine);
  if (!opened.ok()) return FromRocksDb(opened, "open the backups", reader->log_);
  reader->engine_.reset(engine);
  return reader;
}

absl::StatusOr<rocksdb::BackupInfo> RocksDbBackupReader::Find(uint32_t id) {
  rocksdb::BackupInfo found;
  const rocksdb::Status status = id == 0 ? engine_->GetLatestBackupInfo(&found, /*include_file_details=*/true)
                                         : engine_->GetBackupInfo(id, &found, /*include_file_details=*/true);
  std::vector<rocksdb::BackupID> damaged;
  engine_->GetCorruptedBackups(&damaged);
  const uint32_t newest_damaged = damaged.empty() ? 0 : *std::max_element(damaged.begin(), damaged.end());
  if (id == 0 && newest_damaged > found.backup_id) {
    const absl::Status fault = Convert(newest_damaged, engine_->VerifyBackup(newest_damaged), "read");
    return absl::DataLossError(absl::StrCat(fault.message(), "; it is the newest, an earlier one must be named"));
  }
  if (std::find(damaged.begin(), damaged.end(), id) != damaged.end()) {
    return Convert(id, engine_->VerifyBackup(id), "read");
  }
  if (status.IsNotFound()) {
    return absl::NotFoundError(id == 0 ? "there is no backup in it" : absl::StrCat("there is no backup ", id));
  }
  if (!status.ok()) return FromRocksDb(status, "read the backups", log_);
  return found;
}

absl::Status RocksDbBackupReader::VerifyFiles(const rocksdb::BackupInfo& backup) {
  Begin("reading the backup's files, bytes", backup.size);
  return Convert(backup.backup_id, engine_->VerifyBackup(backup.backup_id, /*verify_with_checksum=*/true), "verify");
}

absl::Status RocksDbBackupReader::CopyTo(const rocksdb::BackupInfo& backup, const std::string& directory) {
  Begin("copying the backup's files, bytes", backup.size);
  const rocksdb::IOStatus status = engine_->RestoreDBFromBackup(backup.backup_id, directory, directory);
  return Convert(backup.backup_id, status, "copy");
}

void RocksDbBackupReader::Begin(absl::string_view doing, uint64_t total) {
  doing_ = std::string(doing);
  done_ = 0;
  total_ = total;
}

// The engine reads with one thread at a time.
void RocksDbBackupReader::Advance(uint64_t bytes) {
  done_ += bytes;
  if (progress_ && total_ != 0) progress_(doing_, done_, total_);
}

// What RocksDB says of a damaged backup names its file, and is for whoever may read the files anyway.
absl::Status RocksDbBackupReader::Convert(uint32_t id, const rocksdb::Status& status, const char* action) const {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound()) {
    return absl::DataLossError(absl::StrCat("backup ", id, " is damaged: ", status.ToString()));
  }
  return FromRocksDb(status, absl::StrCat(action, " backup ", id).c_str(), log_);
}

}  // namespace tokens::storage
