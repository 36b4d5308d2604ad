#ifndef STORAGE_VERIFY_STORE_H_
#define STORAGE_VERIFY_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/audit_chain.h"
#include "storage/backup.h"
#include "storage/rocksdb_status.h"

namespace tokens::storage {

// Hears of each fault, one line of text: kind of row, key and what is wrong. Keys are shown as far as they name things
// (DIDs, digests, public ids); of one-time keys only a hash.
using FaultSink = std::function<void(const std::string& fault)>;

// How to look, and who hears what is found. `progress` and `log` may be empty.
struct VerifyOptions {
  bool strict_wal = false;  // As RocksDbOptions.
  StoreLog log;
  Progress progress;
  FaultSink fault;
};

// What was looked at. Rows that have been swept and not yet removed count.
struct StoreReport {
  struct Family {
    std::string name;
    uint64_t rows = 0;
  };
  std::vector<Family> families;
  AuditHead audit_head;
  uint64_t faults = 0;
};

// Reads all of the store in `directory` and changes no file: the checksum of every block, every row by itself, every
// index against what it points to and the reverse, generations against their accounts, the chain of the audit. What a
// sweep forgot is no fault, whether it has been removed or not.
// NOT_FOUND: there is no store. FAILED_PRECONDITION: a process has it open, or a newer program made it. DATA_LOSS: too
// damaged to be opened. UNAVAILABLE: it could not be read.
absl::StatusOr<StoreReport> VerifyStore(const std::string& directory, const VerifyOptions& options);

// A backup, and what was looked at in it.
struct BackupReport {
  Backup backup;
  StoreReport store;
};

// The same for a backup (0: the newest), where it lies; first the checksum of each of its files. Errors also as
// RestoreStore's for the directory of backups.
absl::StatusOr<BackupReport> VerifyBackup(const std::string& backup_directory, uint32_t backup_id,
                                          const VerifyOptions& options);

}  // namespace tokens::storage

#endif  // STORAGE_VERIFY_STORE_H_
