#ifndef STORAGE_RESTORE_STORE_H_
#define STORAGE_RESTORE_STORE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/backup.h"
#include "storage/rocksdb_status.h"

namespace tokens::storage {

// Which backup is to become a store, and where.
struct RestoreOrder {
  std::string backup_directory;
  uint32_t backup_id = 0;  // 0: the newest.
  std::string directory;   // Of the store: not there yet, or empty; its parent is there.
  absl::Time now;
  StoreLog log;
  Progress progress;  // May be empty.
};

// What was restored.
struct Restored {
  Backup backup;
  AuditHead audit_head;  // The record of the restoration, with which the store goes on.
};

// Whether a store may be made in order.directory; touches nothing. INVALID_ARGUMENT: it holds something, is a mount
// point, is in the directory of backups or cannot be made.
absl::Status CheckRestoreTarget(const RestoreOrder& order);

// Makes a store of a backup. First it reads every file of the backup and opens it where it lies; only then it makes
// anything, in `directory` with ".restoring" after its name, which it empties; it adds a record of the restoration to
// the audit (AuditAction::kRestored; audit_chain.h says with what number), and last renames the whole to `directory`:
// a crash on the way leaves no store there. The backup is not changed.
// NOT_FOUND: no such backup. INVALID_ARGUMENT: the directory of backups is none, or CheckRestoreTarget says so.
// FAILED_PRECONDITION: a newer program made it, `now` is before it, or another process restores to there.
// RESOURCE_EXHAUSTED: too little space. DATA_LOSS: the backup is damaged; names the file. UNAVAILABLE: it could not be
// read or written.
absl::StatusOr<Restored> RestoreStore(const RestoreOrder& order);

}  // namespace tokens::storage

#endif  // STORAGE_RESTORE_STORE_H_
