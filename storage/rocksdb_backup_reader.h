#ifndef STORAGE_ROCKSDB_BACKUP_READER_H_
#define STORAGE_ROCKSDB_BACKUP_READER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/backup.h"
#include "storage/rocksdb_options.h"

namespace tokens::storage {

// BackupEngine's settings for a directory, with which all that reads or writes backups opens it. `log` must outlive the
// engine; null for none.
rocksdb::BackupEngineOptions MakeBackupEngineOptions(const std::string& directory, rocksdb::Logger* log);

// The settings by which a backup is opened as a store, to be read alone, where it lies. `backup` has its file details,
// and must outlive the store.
RocksDbOptions OptionsToOpen(const rocksdb::BackupInfo& backup, const StoreLog& log);

// What is in a backup, which is opened for it as above.
absl::StatusOr<Backup> Describe(const rocksdb::BackupInfo& backup, const StoreLog& log);

// The backups in a directory, to be read alone: changes no file. Not thread-safe.
class RocksDbBackupReader {
 public:
  // NOT_FOUND: there is no such directory, or no backup in it. INVALID_ARGUMENT: it holds other things. UNAVAILABLE: it
  // cannot be read. `progress` may be empty.
  static absl::StatusOr<std::unique_ptr<RocksDbBackupReader>> Open(const std::string& directory, StoreLog log,
                                                                   Progress progress);

  // The backup with this id; 0 is the newest. Its file details are in it. NOT_FOUND: there is none. DATA_LOSS: damaged,
  // naming the file; also if it is the newest that is, for that must not be passed over in silence.
  absl::StatusOr<rocksdb::BackupInfo> Find(uint32_t id);

  // Reads every file of a backup and compares its checksum. DATA_LOSS names the first that is damaged or missing.
  absl::Status VerifyFiles(const rocksdb::BackupInfo& backup);

  // Copies a backup into `directory`, which is emptied, and syncs it. Errors as VerifyFiles; RESOURCE_EXHAUSTED if the
  // disk is full.
  absl::Status CopyTo(const rocksdb::BackupInfo& backup, const std::string& directory);

 private:
  RocksDbBackupReader(StoreLog log, Progress progress) : log_(std::move(log)), progress_(std::move(progress)) {}

  void Begin(absl::string_view doing, uint64_t total);
  void Advance(uint64_t bytes);
  absl::Status Convert(uint32_t id, const rocksdb::Status& status, const char* action) const;

  const StoreLog log_;
  const Progress progress_;
  std::string doing_;
  uint64_t done_ = 0;
  uint64_t total_ = 0;
  std::shared_ptr<rocksdb::Logger> logger_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::BackupEngineReadOnly> engine_;
};

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_BACKUP_READER_H_
