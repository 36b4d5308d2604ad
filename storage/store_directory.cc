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
  const auto has = [&](const char* name) { return std::find(names->begin(), names->end(), name) != names->end(); };
  if (names->empty()) {
    if (absl::Status status = MakeMarker(directory); !status.ok()) return status;
    return StoreDirectory::kToBeMade;
  }
  if (absl::Status status = CheckNotInUse(directory, env); !status.ok()) return status;
  if (has(kMarker)) return StoreDirectory::kToBeMade;
  const bool has_log =
      std::any_of(names->begin(), names->end(), [](const std::string& name) { return absl::EndsWith(name, ".log"); });
  if (!has("CURRENT") || !has_log) return absl::DataLossError("files are missing from the store's directory");
  return StoreDirectory::kMade;
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
