#ifndef STORAGE_BACKUP_H_
#define STORAGE_BACKUP_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/audit_chain.h"
#include "storage/free_space.h"

namespace tokens::storage {

// One backup of a store. A value.
struct Backup {
  uint32_t id = 0;     // From 1; later backups in the same directory have greater ones.
  absl::Time time;     // When it was begun by the machine's clock, whole seconds.
  uint64_t bytes = 0;  // Of all its files, with those that it shares with other backups.
  uint32_t files = 0;
  AuditHead audit_head;  // The last record of the audit that is in it.
};

// Where backups are kept, and how they are made.
struct BackupOptions {
  std::string directory;
  int keep = 24;                  // Older ones than so many are removed once a new one is complete. Positive.
  uint64_t bytes_per_second = 0;  // The pace of the copy; 0 for none.
  // None is begun if less than this would be left free where they are kept.
  uint64_t free_space_reserve_bytes = 256 << 20;
  FreeSpaceProbe free_space;  // Unset: ask the file system of `directory`.
};

// The backups of a store, in a directory that nobody else uses meanwhile. Thread-safe; must not outlive the store.
class BackupFolder {
 public:
  virtual ~BackupFolder() = default;

  // Makes a backup while the store goes on. In it is every write that returned before this call began, and a record of
  // the call itself (AuditAction::kBackup, by `by` at `now`), which is written first; writes made meanwhile may be in
  // it or not, but in their order. Once it returns OK, the backup is on the disk and has been opened as a store. Copies
  // only files that no kept backup has. Blocks for as long as the copy takes. On an error there is no new backup.
  // ABORTED: one is being made. FAILED_PRECONDITION: the directory holds backups of another store.
  // RESOURCE_EXHAUSTED: too little space, there or for the audit. Otherwise as the store's writes.
  virtual absl::StatusOr<Backup> Create(absl::Time now, const Actor& by) = 0;

  // When the newest backup was made; nothing if there is none.
  virtual absl::StatusOr<std::optional<absl::Time>> NewestTime() = 0;

  // Ends a backup that is being made, soon, with UNAVAILABLE, and lets none begin.
  virtual void Stop() = 0;
};

// Hears how far long work is: what is being done, how many of how many (0: not known). Called often, from one thread at
// a time.
using Progress = std::function<void(absl::string_view doing, uint64_t done, uint64_t total)>;

}  // namespace tokens::storage

#endif  // STORAGE_BACKUP_H_
