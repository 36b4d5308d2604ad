#ifndef STORAGE_ROCKSDB_BACKUP_FOLDER_H_
#define STORAGE_ROCKSDB_BACKUP_FOLDER_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/backup.h"
#include "storage/rocksdb_database.h"

namespace tokens::storage {

// Backups of a RocksDB store, by RocksDB's BackupEngine: table files are shared by all backups that need them, under
// names of their own; what else belongs to a backup is in `private/ID`. Each carries the hash of the first record of
// the store's audit, by which a store knows its backups from another's: a store that was lost and begun anew must not
// push out, one by one, the backups of the one it stands for.
class RocksDbBackupFolder : public BackupFolder {
 public:
  // Errors as Store::OpenBackups. `database` must outlive this.
  static absl::StatusOr<std::unique_ptr<BackupFolder>> Open(RocksDbDatabase& database, const BackupOptions& options);

  ~RocksDbBackupFolder() override;
  RocksDbBackupFolder(const RocksDbBackupFolder&) = delete;
  RocksDbBackupFolder& operator=(const RocksDbBackupFolder&) = delete;

  absl::StatusOr<Backup> Create(absl::Time now, const Actor& by) override;
  absl::StatusOr<std::optional<absl::Time>> NewestTime() override;
  void Stop() override;

 private:
  RocksDbBackupFolder(RocksDbDatabase& database, BackupOptions options);

  // Anew each time: what is in the directory may have changed. Takes no time but for many backups.
  absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> OpenEngine() const;
  absl::StatusOr<Backup> CreateWith(rocksdb::BackupEngine& engine, absl::Time now, const Actor& by);
  absl::Status Copy(rocksdb::BackupEngine& engine, rocksdb::BackupInfo* made);
  // FAILED_PRECONDITION unless the newest backup is of this store.
  absl::Status CheckOwner(const rocksdb::BackupEngine& engine) const;
  absl::Status CheckSpace() const;
  // An estimate, by names and sizes of files.
  absl::StatusOr<uint64_t> BytesToCopy() const;
  absl::Status Convert(const rocksdb::Status& status, const char* action) const;

  RocksDbDatabase& database_;
  const BackupOptions options_;
  const std::shared_ptr<rocksdb::Logger> logger_;
  rocksdb::FileLock* lock_ = nullptr;

  absl::Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  rocksdb::BackupEngine* engine_ ABSL_GUARDED_BY(mutex_) = nullptr;  // While it makes a backup.
};

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_BACKUP_FOLDER_H_
