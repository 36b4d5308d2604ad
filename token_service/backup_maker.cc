#include "token_service/backup_maker.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "token_service/base/log.h"
#include "token_service/base/status_details.h"
#include "token_service/verify_audit.h"

namespace tokens {
namespace {

absl::Status Off() {
  return WithReason(absl::FailedPreconditionError("the service was started without --backup_dir"), {"BACKUPS_OFF", {}});
}

absl::Status WithReasonOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kAborted: return WithReason(status, {"BACKUP_RUNNING", {}});
    case absl::StatusCode::kFailedPrecondition: return WithReason(status, {"OTHER_STORES_BACKUPS", {}});
    case absl::StatusCode::kResourceExhausted: return WithReason(status, {"BACKUP_SPACE", {}});
    default: return status;
  }
}

}  // namespace

BackupMaker::BackupMaker(std::unique_ptr<storage::BackupFolder> folder, Clock& clock)
    : folder_(std::move(folder)), clock_(clock) {
  if (folder_ == nullptr) return;
  const absl::StatusOr<std::optional<absl::Time>> newest = folder_->NewestTime();
  if (newest.ok()) last_success_ = *newest;
}

absl::StatusOr<storage::Backup> BackupMaker::Make(const storage::Actor& by) {
  if (folder_ == nullptr) return Off();
  absl::StatusOr<storage::Backup> backup = folder_->Create(clock_.Now(), by);
  if (!backup.ok()) return WithReasonOf(backup.status());
  {
    // Here, and nowhere else, a backup is known to be good.
    MutexLock lock(mutex_);
    last_success_ = backup->time;
  }
  const std::string detail = absl::StrCat("backup ", backup->id, ": ", backup->files, " files, ", backup->bytes,
                                          " bytes, ends with ", FormatAuditHead(backup->audit_head));
  LogFields fields;
  fields.request_id = by.request_id;
  fields.detail = detail;
  Log(LogLevel::kInfo, "backup_made", fields);
  return backup;
}

std::optional<absl::Time> BackupMaker::last_success() const {
  MutexLock lock(mutex_);
  return last_success_;
}

void BackupMaker::Stop() {
  if (folder_ != nullptr) folder_->Stop();
}

}  // namespace tokens
