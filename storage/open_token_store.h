#ifndef STORAGE_OPEN_TOKEN_STORE_H_
#define STORAGE_OPEN_TOKEN_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "storage/audit_proof.h"
#include "storage/metered_store.h"
#include "storage/store.h"

namespace tokens::storage {

// Which store, and its settings. Those below `location` are for rocksdb.
struct StoreOptions {
  std::string location;  // "rocksdb:DIR" or "memory:".
  uint64_t block_cache_bytes = 256 << 20;
  uint64_t free_space_reserve_bytes = 256 << 20;  // Writes are refused while less is free.
  // Refuse to open after a crash in the middle of a write, rather than leave out that write (never acknowledged),
  // because damage to the end of the log can look the same.
  bool strict_wal = false;
  // Gets warnings and errors, one text per call, from any thread; they name paths and may name keys, no secrets. May be
  // empty.
  std::function<void(const std::string& message)> log;
  // Told how long each sync of the log took. May be empty.
  SyncObserver synced;
  // For every kind of store: told of each call that fails (metered_store.h). May be empty.
  FailureObserver failed;
};

// Opens the store at `location`, making it where there is nothing yet. The one switch over backends.
// INVALID_ARGUMENT: no such kind of store, or a path that is not a directory and cannot be made one.
// FAILED_PRECONDITION: in use by another process, or made by a newer version of this program.
// DATA_LOSS: damaged or incomplete. RESOURCE_EXHAUSTED: too little space to make it. UNAVAILABLE: worth another try.
absl::StatusOr<std::unique_ptr<Store>> OpenTokenStore(const StoreOptions& options);

// The directory of a store at `location`, "rocksdb:DIR". INVALID_ARGUMENT if stores of its kind have none.
absl::StatusOr<std::string> DirectoryOf(const std::string& location);

// Proves the audit of the store at `location`, which is not in use or is a copy; changes no file. As VerifyAudit
// (rocksdb_audit.h); also INVALID_ARGUMENT: not a place where an audit is kept.
absl::StatusOr<ProvenAudit> VerifyStoredAudit(const std::string& location, const AuditExpectations& expectations);

}  // namespace tokens::storage

#endif  // STORAGE_OPEN_TOKEN_STORE_H_
