#ifndef STORAGE_BACKUP_DIRECTORY_H_
#define STORAGE_BACKUP_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"

namespace tokens::storage {

// Decides what a directory is before RocksDB's BackupEngine is let at it, for that takes any directory and removes what
// it does not know from some folders in it.

// A lock on this file in the directory is held by the store that makes backups there.
inline constexpr char kBackupLock[] = "LOCK";

// OK if `directory` holds backups, or nothing yet. NOT_FOUND: it is not there. INVALID_ARGUMENT: it is no directory,
// or holds other things, of which the message names one. UNAVAILABLE: it cannot be listed.
absl::Status CheckBackupDirectory(const std::string& directory);

// Makes `directory` (mode 0700; its parent must exist) if it is not there, and decides whether backups of the store in
// `store` may be made in it. INVALID_ARGUMENT also if it cannot be written, or is the store's directory or in it.
absl::Status PrepareBackupDirectory(const std::string& directory, const std::string& store);

}  // namespace tokens::storage

#endif  // STORAGE_BACKUP_DIRECTORY_H_
