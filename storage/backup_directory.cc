#include "storage/backup_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace tokens::storage {
namespace {

// What BackupEngine makes; our lock; and what every ext4 volume has at its root.
constexpr const char* kKnown[] = {"meta", "private", "shared", "shared_checksum", kBackupLock, "lost+found"};

bool IsWithin(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace

absl::Status CheckBackupDirectory(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error)) return absl::NotFoundError("there is no such directory");
  if (!std::filesystem::is_directory(directory, error)) return absl::InvalidArgumentError("is not a directory");
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end; file.increment(error)) {
    const std::string name = file->path().filename().string();
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
      return absl::InvalidArgumentError(absl::StrCat("is not a directory of backups: it holds ", name));
    }
  }
  return error ? absl::UnavailableError("the directory cannot be listed") : absl::OkStatus();
}

absl::Status PrepareBackupDirectory(const std::string& directory, const std::string& store) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::InvalidArgumentError("the directory cannot be made");
  }
  std::error_code error;
  const std::filesystem::path here = std::filesystem::canonical(directory, error);
  if (error || !std::filesystem::is_directory(here)) return absl::InvalidArgumentError("is not a directory");
  const std::filesystem::path there = std::filesystem::canonical(store, error);
  if (error) return absl::UnavailableError("the store's directory cannot be looked at");
  if (IsWithin(here, there)) return absl::InvalidArgumentError("is the store's own directory, or in it");
  if (absl::Status status = CheckBackupDirectory(directory); !status.ok()) return status;
  if (access(directory.c_str(), W_OK | X_OK) != 0) return absl::InvalidArgumentError("the directory cannot be written");
  return absl::OkStatus();
}

}  // namespace tokens::storage
