#include "storage/store_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"

namespace tokens::storage {
namespace {

constexpr char kMarker[] = "CREATING";

// Makes what was created in or removed from a directory durable.
bool SyncFileOrDirectory(const std::filesystem::path& path, int flags) {
  const int file = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool synced = fsync(file) == 0;
  return close(file) == 0 && synced;
}

absl::Status MakeMarker(const std::filesystem::path& directory) {
  if (SyncFileOrDirectory(directory / kMarker, O_CREAT | O_WRONLY) &&
      SyncFileOrDirectory(directory, O_RDONLY | O_DIRECTORY) &&
      SyncFileOrDirectory(directory / "..", O_RDONLY | O_DIRECTORY)) {
    return absl::OkStatus();
  }
  return absl::UnavailableError("cannot write into the store's directory");
}

absl::StatusOr<std::vector<std::string>> FileNames(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end; file.increment(error)) {
    // Every ext4 volume has this one at its root.
    if (file->path().filename() != "lost+found") names.push_back(file->path().filename().string());
  }
  if (error) return absl::UnavailableError("cannot list the store's directory");
  return names;
}

absl::Status CheckNotInUse(const std::string& directory, rocksdb::Env& env) {
  rocksdb::FileLock* lock = nullptr;
  if (!env.LockFile(directory + "/LOCK", &lock).ok()) {
    return absl::FailedPreconditionError("the store's directory is in use by another process");
  }
  if (!env.UnlockFile(lock).ok()) return absl::UnavailableError("cannot unlock the store's directory");
  return absl::OkStatus();
}

bool Has(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Of what a store has always, in some number.
bool IsOfAStore(const std::string& name) {
  return name == "CURRENT" || absl::EndsWith(name, ".log") || absl::EndsWith(name, ".sst") ||
         absl::StartsWith(name, "MANIFEST-");
}

// What every store has.
absl::Status CheckNames(const std::vector<std::string>& names) {
  const bool has_log =
      std::any_of(names.begin(), names.end(), [](const std::string& name) { return absl::EndsWith(name, ".log"); });
  if (!Has(names, "CURRENT") || !has_log) {
    return absl::DataLossError("files are missing from the store's directory");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StoreDirectory> PrepareStoreDirectory(const std::string& directory, rocksdb::Env& env) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::InvalidArgumentError("the store's directory cannot be made");
  }
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return absl::InvalidArgumentError("the store's path is not a directory");
  }
  const absl::StatusOr<std::vector<std::string>> names = FileNames(directory);
  if (!names.ok()) return names.status();
  if (names->empty()) {
    if (absl::Status status = MakeMarker(directory); !status.ok()) return status;
    return StoreDirectory::kToBeMade;
  }
  if (absl::Status status = CheckNotInUse(directory, env); !status.ok()) return status;
  if (Has(*names, kMarker)) return StoreDirectory::kToBeMade;
  if (absl::Status status = CheckNames(*names); !status.ok()) return status;
  return StoreDirectory::kMade;
}

absl::Status CheckStoreAtRest(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) return absl::NotFoundError("there is no such directory");
  const absl::StatusOr<std::vector<std::string>> names = FileNames(directory);
  if (!names.ok()) return names.status();
  if (Has(*names, kMarker)) return absl::FailedPreconditionError("the store was never completed");
  if (names->empty() || std::none_of(names->begin(), names->end(), IsOfAStore)) {
    return absl::NotFoundError("there is no store in it");
  }
  // Asks whose lock it is, which does not take it.
  const int file = open((directory + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool in_use = file >= 0 && fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  if (file >= 0) close(file);
  if (in_use) return absl::FailedPreconditionError("the store's directory is in use by another process");
  return CheckNames(*names);
}

absl::Status FinishStoreDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::remove(std::filesystem::path(directory) / kMarker, error);
  if (error || !SyncFileOrDirectory(directory, O_RDONLY | O_DIRECTORY)) {
    return absl::UnavailableError("cannot write into the store's directory");
  }
  return absl::OkStatus();
}

}  // namespace tokens::storage
