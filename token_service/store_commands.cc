#include "token_service/store_commands.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "storage/open_token_store.h"
#include "storage/restore_store.h"
#include "storage/verify_store.h"
#include "token_service/base/flags.h"
#include "token_service/base/mutex.h"
#include "token_service/verify_audit.h"

namespace tokens {
namespace {

constexpr uint64_t kFaultsTold = 100;
constexpr size_t kWarningsTold = 20;
constexpr int kExitDamaged = 1;

// What RocksDB says on the way: noise if all is well.
class Warnings {
 public:
  storage::StoreLog log() {
    return [this](const std::string& message) {
      MutexLock lock(mutex_);
      if (messages_.size() < kWarningsTold) messages_.push_back(message);
    };
  }
  CommandOutcome ToldUnlessGood(CommandOutcome outcome, const LineSink& lines) {
    MutexLock lock(mutex_);
    if (outcome.exit_code == 0) return outcome;
    for (const std::string& message : messages_) lines(message);
    return outcome;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mutex_);
};

CommandOutcome Failed(absl::string_view what, const absl::Status& status) {
  const int exit_code = absl::IsDataLoss(status) ? kExitDamaged : kExitRefused;
  return {exit_code, {absl::StrCat(what, ": ", status.message())}};
}

std::string Describe(const storage::Backup& backup) {
  return absl::StrCat("backup ", backup.id, " of ",
                      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", backup.time, absl::UTCTimeZone()), " (", backup.files,
                      " files, ", backup.bytes, " bytes), which ends with ", FormatAuditHead(backup.audit_head));
}

// What was read, and whether it is good.
CommandOutcome Report(absl::string_view what, const storage::StoreReport& report) {
  std::vector<std::string> lines;
  for (const storage::StoreReport::Family& family : report.families) {
    lines.push_back(absl::StrCat(family.name, ": ", family.rows, " rows"));
  }
  lines.push_back(absl::StrCat("the audit ends with ", FormatAuditHead(report.audit_head)));
  if (report.faults == 0) {
    lines.push_back(absl::StrCat(what, ": no fault"));
    return {0, lines};
  }
  lines.push_back(absl::StrCat(what, ": ", report.faults, " faults"));
  return {kExitDamaged, lines};
}

CommandOutcome RestoreWith(const RestoreRequest& request, Clock& clock, const LineSink& lines, Warnings& warnings) {
  if (request.backup_dir.empty()) return {kExitRefused, {"--backup_dir: required, where the backups are"}};
  const absl::StatusOr<std::string> directory = storage::DirectoryOf(request.store);
  if (!directory.ok()) return Failed("--store", directory.status());
  ProgressLines progress(clock, lines);
  storage::RestoreOrder order;
  order.backup_directory = request.backup_dir;
  order.backup_id = request.backup_id;
  order.directory = *directory;
  order.now = clock.Now();
  order.log = warnings.log();
  order.progress = [&progress](absl::string_view doing, uint64_t done, uint64_t total) {
    progress.Report(doing, done, total);
  };
  if (const absl::Status status = storage::CheckRestoreTarget(order); !status.ok()) return Failed("--store", status);
  const absl::StatusOr<storage::Restored> restored = storage::RestoreStore(order);
  if (!restored.ok()) return Failed("--backup_dir", restored.status());
  return {0,
          {absl::StrCat("restored ", Describe(restored->backup)),
           absl::StrCat(*directory, ": the audit goes on with ", FormatAuditHead(restored->audit_head))}};
}

CommandOutcome VerifyWith(const VerifyRequest& request, Clock& clock, const LineSink& lines, Warnings& warnings) {
  if (request.store.empty() == request.backup_dir.empty()) {
    return {kExitRefused, {"--store, --backup_dir: one of the two, what to verify"}};
  }
  ProgressLines progress(clock, lines);
  uint64_t faults = 0;
  storage::VerifyOptions options;
  options.strict_wal = request.strict_wal;
  options.log = warnings.log();
  options.progress = [&progress](absl::string_view doing, uint64_t done, uint64_t total) {
    progress.Report(doing, done, total);
  };
  options.fault = [&](const std::string& fault) {
    if (++faults <= kFaultsTold) lines(absl::StrCat("fault: ", fault));
  };
  if (!request.backup_dir.empty()) {
    const auto report = storage::VerifyBackup(request.backup_dir, request.backup_id, options);
    if (!report.ok()) return Failed("--backup_dir", report.status());
    return Report(Describe(report->backup), report->store);
  }
  const absl::StatusOr<std::string> directory = storage::DirectoryOf(request.store);
  if (!directory.ok()) return Failed("--store", directory.status());
  const auto report = storage::VerifyStore(*directory, options);
  if (!report.ok()) return Failed("--store", report.status());
  return Report(*directory, *report);
}

}  // namespace

CommandOutcome Restore(const RestoreRequest& request, Clock& clock, const LineSink& lines) {
  Warnings warnings;
  return warnings.ToldUnlessGood(RestoreWith(request, clock, lines, warnings), lines);
}

CommandOutcome Verify(const VerifyRequest& request, Clock& clock, const LineSink& lines) {
  Warnings warnings;
  return warnings.ToldUnlessGood(VerifyWith(request, clock, lines, warnings), lines);
}

}  // namespace tokens
