#include "storage/restore_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb_backup_reader.h"
#include "storage/rocksdb_database.h"

namespace tokens::storage {
namespace {

constexpr uint64_t kSpareBytes = 16 << 20;
constexpr uint64_t kSequenceLimit = uint64_t{1} << 53;

std::string ParentOf(const std::string& directory) {
  const std::filesystem::path path(directory);
  const std::filesystem::path parent = (path.has_filename() ? path : path.parent_path()).parent_path();
  return parent.empty() ? "." : parent.string();
}

// The directory without a "/" at its end, to which a suffix can be added.
std::string Bare(std::string directory) {
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return directory;
}

// Whether `inner` is `outer` or below it. False where either is not there.
bool IsWithin(const std::string& inner, const std::string& outer) {
  std::error_code no_inner;
  std::error_code no_outer;
  const std::filesystem::path in = std::filesystem::canonical(inner, no_inner);
  const std::filesystem::path out = std::filesystem::canonical(outer, no_outer);
  if (no_inner || no_outer) return false;
  return std::mismatch(out.begin(), out.end(), in.begin(), in.end()).first == out.end();
}

absl::Status CheckTime(const RestoreOrder& order, const Backup& backup) {
  if (order.now < backup.time) {
    return absl::FailedPreconditionError(
        absl::StrCat("the clock says that backup ", backup.id, " is of the future (", absl::FormatTime(backup.time),
                     "); the number of the restoration comes from it, so set it first"));
  }
  const int64_t instant = absl::ToUnixMicros(order.now);
  if (instant < 0 || static_cast<uint64_t>(instant) >= kSequenceLimit) {
    return absl::FailedPreconditionError("the clock is wrong");
  }
  return absl::OkStatus();
}

AuditEntry EntryOf(const RestoreOrder& order, const Backup& backup) {
  const AuditHash& hash = backup.audit_head.hash;
  const std::string hex = absl::BytesToHexString({reinterpret_cast<const char*>(hash.data()), hash.size()});
  const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(order.now));
  return {now,
          AuditAction::kRestored,
          {"restore", ""},
          "",
          "",
          absl::StrCat("backup ", backup.id, " of ",
                       absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", backup.time, absl::UTCTimeZone()), ", which ends with ",
                       backup.audit_head.sequence, ":", hex)};
}

// Adds the record of the restoration to the store in `directory`; where its audit ends then.
absl::StatusOr<AuditHead> Record(const std::string& directory, const AuditEntry& entry, const StoreLog& log) {
  RocksDbOptions options;
  options.directory = directory;
  options.free_space_reserve_bytes = 0;
  options.log = log;
  const SweepState nothing_swept;
  const auto store = RocksDbDatabase::OpenCopied(options, nothing_swept);
  if (!store.ok()) return store.status();
  RocksDbDatabase::Batch batch(**store);
  batch.Audit(entry);
  if (absl::Status status = (*store)->Write(std::move(batch)); !status.ok()) return status;
  return (*store)->ReadAuditHeadAt(UINT64_MAX);
}

absl::Status SyncDirectory(const std::string& directory) {
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && fsync(file) == 0;
  if (file >= 0) close(file);
  return synced ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot sync ", directory));
}

// Where the store is made before it is one. Locked, empty, and gone with this unless it has been moved away.
class Staging {
 public:
  explicit Staging(std::string directory) : directory_(std::move(directory)) {}
  ~Staging() {
    if (file_ < 0) return;
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
    close(file_);
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  absl::Status Make() {
    if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
      return absl::InvalidArgumentError(absl::StrCat("cannot make ", directory_));
    }
    const int file = open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return absl::InvalidArgumentError(absl::StrCat(directory_, " is not a directory"));
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      close(file);
      return absl::FailedPreconditionError("another process restores to there");
    }
    file_ = file;
    std::error_code error;
    for (std::filesystem::directory_iterator old(directory_, error), end; !error && old != end; old.increment(error)) {
      std::filesystem::remove_all(old->path(), error);
    }
    return error ? absl::UnavailableError(absl::StrCat("cannot empty ", directory_)) : absl::OkStatus();
  }

  absl::Status MoveTo(const std::string& directory) {
    if (absl::Status status = SyncDirectory(directory_); !status.ok()) return status;
    if (std::rename(directory_.c_str(), directory.c_str()) != 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot rename ", directory_, ": ", std::generic_category().message(errno)));
    }
    close(file_);
    file_ = -1;
    return SyncDirectory(ParentOf(directory));
  }

  const std::string& directory() const { return directory_; }

 private:
  const std::string directory_;
  int file_ = -1;
};

}  // namespace

absl::Status CheckRestoreTarget(const RestoreOrder& order) {
  struct stat parent = {};
  if (stat(ParentOf(order.directory).c_str(), &parent) != 0 || !S_ISDIR(parent.st_mode)) {
    return absl::InvalidArgumentError("the store's directory cannot be made: its parent is not there");
  }
  if (IsWithin(ParentOf(order.directory), order.backup_directory)) {
    return absl::InvalidArgumentError("the store's directory is in that of the backups");
  }
  struct stat target = {};
  if (lstat(Bare(order.directory).c_str(), &target) != 0) {
    return errno == ENOENT ? absl::OkStatus() : absl::InvalidArgumentError("the store's directory cannot be looked at");
  }
  if (!S_ISDIR(target.st_mode)) return absl::InvalidArgumentError("the store's path is not a directory");
  if (target.st_dev != parent.st_dev) {
    return absl::InvalidArgumentError("the store's directory is a mount point: name a directory in it");
  }
  std::error_code error;
  const bool empty = std::filesystem::is_empty(order.directory, error);
  if (error) return absl::InvalidArgumentError("the store's directory cannot be listed");
  return empty ? absl::OkStatus() : absl::InvalidArgumentError("the store's directory is not empty");
}

absl::StatusOr<Restored> RestoreStore(const RestoreOrder& order) {
  const auto reader = RocksDbBackupReader::Open(order.backup_directory, order.log, order.progress);
  if (!reader.ok()) return reader.status();
  if (absl::Status status = CheckRestoreTarget(order); !status.ok()) return status;
  const absl::StatusOr<rocksdb::BackupInfo> found = (*reader)->Find(order.backup_id);
  if (!found.ok()) return found.status();
  if (absl::Status status = (*reader)->VerifyFiles(*found); !status.ok()) return status;
  const absl::StatusOr<Backup> backup = Describe(*found, order.log);
  if (!backup.ok()) return backup.status();
  if (absl::Status status = CheckTime(order, *backup); !status.ok()) return status;
  if (absl::Status status = CheckFreeSpace(ProbeFileSystem(ParentOf(order.directory)), found->size + kSpareBytes);
      !status.ok()) {
    return status;
  }
  Staging staging(Bare(order.directory) + ".restoring");
  if (absl::Status status = staging.Make(); !status.ok()) return status;
  if (absl::Status status = (*reader)->CopyTo(*found, staging.directory()); !status.ok()) return status;
  const absl::StatusOr<AuditHead> head = Record(staging.directory(), EntryOf(order, *backup), order.log);
  if (!head.ok()) return head.status();
  if (absl::Status status = staging.MoveTo(Bare(order.directory)); !status.ok()) return status;
  return Restored{*backup, *head};
}

}  // namespace tokens::storage
