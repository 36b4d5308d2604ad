#include "storage/rocksdb_backup_folder.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/backup_directory.h"
#include "storage/rocksdb_backup_reader.h"
#include "storage/rocksdb_token_store.h"

namespace tokens::storage {
namespace {

constexpr uint64_t kSmallFilesBytes = 4 << 20;  // Manifest, options and the like.

// What a backup carries of the store it is of; frozen. Empty if the store has no audit yet.
absl::StatusOr<std::string> OwnerMark(RocksDbDatabase& database) {
  const absl::StatusOr<std::vector<AuditRecord>> first = database.ReadAudit(0, 1);
  if (!first.ok()) return first.status();
  if (first->empty()) return std::string();
  const AuditHash& hash = first->front().hash;
  return absl::StrCat("audit begins with ",
                      absl::BytesToHexString({reinterpret_cast<const char*>(hash.data()), hash.size()}));
}

// "000012_sSESSION_3456.sst" as "12_3456": the number and the size of a table file that some backup has.
std::string NumberAndSize(const std::string& name) {
  const size_t begin = name.find_first_not_of('0');
  const size_t number_end = name.find('_');
  const size_t size_begin = name.rfind('_');
  const size_t end = name.rfind('.');
  if (begin == std::string::npos || number_end == std::string::npos || end == std::string::npos) return name;
  return absl::StrCat(name.substr(begin, number_end - begin), name.substr(size_begin, end - size_begin));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BackupFolder>> RocksDbTokenStore::OpenBackups(const BackupOptions& options) {
  return RocksDbBackupFolder::Open(*database_, options);
}

RocksDbBackupFolder::RocksDbBackupFolder(RocksDbDatabase& database, BackupOptions options)
    : database_(database), options_(std::move(options)), logger_(MakeLogger(database.options().log)) {}

absl::StatusOr<std::unique_ptr<BackupFolder>> RocksDbBackupFolder::Open(RocksDbDatabase& database,
                                                                        const BackupOptions& options) {
  BackupOptions own = options;
  if (!own.free_space) own.free_space = ProbeFileSystem(own.directory);
  if (absl::Status status = PrepareBackupDirectory(own.directory, database.options().directory); !status.ok()) {
    return status;
  }
  std::unique_ptr<RocksDbBackupFolder> folder(new RocksDbBackupFolder(database, std::move(own)));
  const std::string lock = absl::StrCat(folder->options_.directory, "/", kBackupLock);
  if (!rocksdb::Env::Default()->LockFile(lock, &folder->lock_).ok()) {
    return absl::FailedPreconditionError("another process makes backups there, or the directory cannot be written");
  }
  const absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> engine = folder->OpenEngine();
  if (!engine.ok()) return engine.status();
  if (absl::Status status = folder->CheckOwner(**engine); !status.ok()) return status;
  return folder;
}

RocksDbBackupFolder::~RocksDbBackupFolder() {
  if (lock_ == nullptr) return;
  const rocksdb::Status unlocked = rocksdb::Env::Default()->UnlockFile(lock_);
  if (!unlocked.ok() && database_.options().log) database_.options().log(unlocked.ToString());
}

absl::StatusOr<Backup> RocksDbBackupFolder::Create(absl::Time now, const Actor& by) {
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return absl::UnavailableError("the program is stopping");
    if (busy_) return absl::AbortedError("a backup is being made already");
    busy_ = true;
  }
  const auto not_busy = absl::MakeCleanup([this] {
    absl::MutexLock lock(&mutex_);
    busy_ = false;
  });
  const absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> engine = OpenEngine();
  if (!engine.ok()) return engine.status();
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return absl::UnavailableError("the program is stopping");
    engine_ = engine->get();
  }
  const auto no_engine = absl::MakeCleanup([this] {
    absl::MutexLock lock(&mutex_);
    engine_ = nullptr;
  });
  return CreateWith(**engine, now, by);
}

absl::StatusOr<Backup> RocksDbBackupFolder::CreateWith(rocksdb::BackupEngine& engine, absl::Time now, const Actor& by) {
  if (absl::Status status = CheckOwner(engine); !status.ok()) return status;
  // What a crash left of an earlier one would be in the way of the space that is asked for.
  Convert(engine.GarbageCollect(), "remove what is left of a backup").IgnoreError();
  if (absl::Status status = CheckSpace(); !status.ok()) return status;
  // First, so that it is in the backup: whoever restores it sees who took it.
  RocksDbDatabase::Batch batch(database_);
  batch.Audit({now, AuditAction::kBackup, by, "", "", "begun"});
  if (absl::Status status = database_.Write(std::move(batch)); !status.ok()) return status;

  rocksdb::BackupInfo made;
  if (absl::Status status = Copy(engine, &made); !status.ok()) return status;
  absl::StatusOr<Backup> backup = Describe(made, database_.options().log);
  if (!backup.ok()) {
    // It does not open, so it is none. The error is told in any case.
    Convert(engine.DeleteBackup(made.backup_id), "remove a backup").IgnoreError();
    return backup.status();
  }
  // Kept backups too many are no reason to say that there is no new one; the log tells.
  Convert(engine.PurgeOldBackups(static_cast<uint32_t>(options_.keep)), "remove old backups").IgnoreError();
  return backup;
}

absl::Status RocksDbBackupFolder::Copy(rocksdb::BackupEngine& engine, rocksdb::BackupInfo* made) {
  const absl::StatusOr<std::string> owner = OwnerMark(database_);
  if (!owner.ok()) return owner.status();
  rocksdb::CreateBackupOptions options;
  // What is in memory becomes table files, which the next backup shares, instead of a log that each copies.
  options.flush_before_backup = true;
  options.decrease_background_thread_cpu_priority = true;
  options.background_thread_cpu_priority = rocksdb::CpuPriority::kLow;
  rocksdb::BackupID id = 0;
  const rocksdb::IOStatus copied = engine.CreateNewBackupWithMetadata(options, database_.db(), *owner, &id);
  if (copied.IsIncomplete()) return absl::UnavailableError("the backup was stopped");
  if (absl::Status status = Convert(copied, "make the backup"); !status.ok()) return status;
  return Convert(engine.GetBackupInfo(id, made, /*include_file_details=*/true), "read the backup");
}

absl::StatusOr<std::optional<absl::Time>> RocksDbBackupFolder::NewestTime() {
  const absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> engine = OpenEngine();
  if (!engine.ok()) return engine.status();
  rocksdb::BackupInfo newest;
  const rocksdb::Status status = (*engine)->GetLatestBackupInfo(&newest);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return Convert(status, "read the backups");
  return absl::FromUnixSeconds(newest.timestamp);
}

void RocksDbBackupFolder::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  if (engine_ != nullptr) engine_->StopBackup();
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> RocksDbBackupFolder::OpenEngine() const {
  rocksdb::BackupEngineOptions engine_options = MakeBackupEngineOptions(options_.directory, logger_.get());
  engine_options.backup_rate_limit = options_.bytes_per_second;
  rocksdb::BackupEngine* engine = nullptr;
  const rocksdb::IOStatus opened = rocksdb::BackupEngine::Open(engine_options, rocksdb::Env::Default(), &engine);
  if (!opened.ok()) return Convert(opened, "open the backups");
  return std::unique_ptr<rocksdb::BackupEngine>(engine);
}

absl::Status RocksDbBackupFolder::CheckOwner(const rocksdb::BackupEngine& engine) const {
  rocksdb::BackupInfo newest;
  const rocksdb::Status status = engine.GetLatestBackupInfo(&newest);
  if (status.IsNotFound()) return absl::OkStatus();
  if (!status.ok()) return Convert(status, "read the backups");
  const absl::StatusOr<std::string> owner = OwnerMark(database_);
  if (!owner.ok()) return owner.status();
  if (newest.app_metadata == *owner) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the directory holds backups of another store: restore one of them, or name another directory");
}

absl::Status RocksDbBackupFolder::CheckSpace() const {
  const absl::StatusOr<uint64_t> needed = BytesToCopy();
  if (!needed.ok()) return needed.status();
  const absl::StatusOr<uint64_t> free = options_.free_space();
  if (!free.ok()) return free.status();
  if (*free >= *needed + options_.free_space_reserve_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("too little space for a backup: ", *needed,
                                                   " bytes would be copied, ", *free, " are free, ",
                                                   options_.free_space_reserve_bytes, " must stay free"));
}

absl::StatusOr<uint64_t> RocksDbBackupFolder::BytesToCopy() const {
  std::set<std::string> kept;
  std::error_code error;
  const std::filesystem::path shared = std::filesystem::path(options_.directory) / "shared_checksum";
  for (std::filesystem::directory_iterator file(shared, error), end; !error && file != end; file.increment(error)) {
    kept.insert(NumberAndSize(file->path().filename().string()));
  }
  std::vector<rocksdb::LiveFileMetaData> tables;
  database_.db()->GetLiveFilesMetaData(&tables);
  uint64_t bytes = kSmallFilesBytes;
  for (const rocksdb::LiveFileMetaData& table : tables) {
    if (kept.count(absl::StrCat(table.file_number, "_", table.size)) == 0) bytes += table.size;
  }
  // What the logs hold is copied as table files.
  rocksdb::VectorLogPtr logs;
  if (absl::Status status = Convert(database_.db()->GetSortedWalFiles(logs), "list the logs"); !status.ok()) {
    return status;
  }
  for (const auto& log : logs) bytes += log->SizeFileBytes();
  return bytes;
}

absl::Status RocksDbBackupFolder::Convert(const rocksdb::Status& status, const char* action) const {
  return FromRocksDb(status, action, database_.options().log);
}

}  // namespace tokens::storage
