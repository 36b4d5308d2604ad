#ifndef TOKEN_SERVICE_BACKUP_MAKER_H_
#define TOKEN_SERVICE_BACKUP_MAKER_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/backup.h"
#include "token_service/base/clock.h"

namespace tokens {

// The rules of CreateBackup: one at a time, into the one directory that the operator named. Thread-safe.
class BackupMaker {
 public:
  // Told when a good backup was begun: at once of the newest there is, be it by an earlier run, then of each that is
  // made. Must not block.
  using SuccessObserver = std::function<void(absl::Time)>;

  // `folder` is null where backups are off. `clock` must outlive this.
  BackupMaker(std::unique_ptr<storage::BackupFolder> folder, Clock& clock, SuccessObserver succeeded);

  // Makes one; blocks until it is complete. FAILED_PRECONDITION with BACKUPS_OFF or OTHER_STORES_BACKUPS, ABORTED with
  // BACKUP_RUNNING, RESOURCE_EXHAUSTED with BACKUP_SPACE; otherwise the store's errors.
  absl::StatusOr<storage::Backup> Make(const storage::Actor& by);

  // Ends a backup that is being made, soon, and lets none begin: the program is about to end.
  void Stop();

 private:
  const std::unique_ptr<storage::BackupFolder> folder_;
  Clock& clock_;
  const SuccessObserver succeeded_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BACKUP_MAKER_H_
