#include "token_service/backup_maker.h"

#include <optional>
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

BackupMaker::BackupMaker(std::unique_ptr<storage::BackupFolder> folder, Clock& clock, SuccessObserver succeeded)
    : folder_(std::move(folder)), clock_(clock), succeeded_(std::move(succeeded)) {
  if (folder_ == nullptr) return;
  const absl::StatusOr<std::optional<absl::Time>> newest = folder_->NewestTime();
  if (newest.ok() && newest->has_value()) succeeded_(**newest);
}

absl::StatusOr<storage::Backup> BackupMaker::Make(const storage::Actor& by) {
  if (folder_ == nullptr) return Off();
  absl::StatusOr<storage::Backup> backup = folder_->Create(clock_.Now(), by);
  if (!backup.ok()) return WithReasonOf(backup.status());
  succeeded_(backup->time);  // here, and nowhere else, it is known to be good
  const std::string detail = absl::StrCat("backup ", backup->id, ": ", backup->files, " files, ", backup->bytes,
                                          " bytes, ends with ", FormatAuditHead(backup->audit_head));
  LogFields fields;
  fields.request_id = by.request_id;
  fields.detail = detail;
  Log(LogLevel::kInfo, "backup_made", fields);
  return backup;
}

void BackupMaker::Stop() {
  if (folder_ != nullptr) folder_->Stop();
}

}  // namespace tokens
