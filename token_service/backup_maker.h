#ifndef TOKEN_SERVICE_BACKUP_MAKER_H_
#define TOKEN_SERVICE_BACKUP_MAKER_H_

#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/backup.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"

namespace tokens {

// The rules of CreateBackup: one at a time, into the one directory that the operator named. Thread-safe.
class BackupMaker {
 public:
  // `folder` is null where backups are off. `clock` must outlive this.
  BackupMaker(std::unique_ptr<storage::BackupFolder> folder, Clock& clock);

  // Makes one; blocks until it is complete. FAILED_PRECONDITION with BACKUPS_OFF or OTHER_STORES_BACKUPS, ABORTED with
  // BACKUP_RUNNING, RESOURCE_EXHAUSTED with BACKUP_SPACE; otherwise the store's errors.
  absl::StatusOr<storage::Backup> Make(const storage::Actor& by);

  // When the newest complete backup was begun, be it by an earlier run of the program. Nothing if there is none.
  std::optional<absl::Time> last_success() const;

  // Ends a backup that is being made, soon, and lets none begin: the program is about to end.
  void Stop();

 private:
  const std::unique_ptr<storage::BackupFolder> folder_;
  Clock& clock_;
  mutable Mutex mutex_;
  std::optional<absl::Time> last_success_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BACKUP_MAKER_H_
