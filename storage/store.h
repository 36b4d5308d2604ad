#ifndef STORAGE_STORE_H_
#define STORAGE_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "storage/audit_log.h"
#include "storage/backup.h"
#include "storage/session_store.h"
#include "storage/store_stats.h"
#include "storage/token_store.h"

namespace tokens::storage {

// All that a backend keeps. Whoever uses it names the part it needs.
class Store : public TokenStore, public SessionStore, public AuditLog, public StatsSource {
 public:
  // The backups of this store in options.directory, which is made if it is not there (its parent must be). What is
  // returned must not outlive the store.
  // INVALID_ARGUMENT: this kind of store has no backups, or the directory cannot be used, holds other things, or is the
  // store's own. FAILED_PRECONDITION: another process uses it, or it holds backups of another store. DATA_LOSS or
  // UNAVAILABLE: its backups cannot be read.
  virtual absl::StatusOr<std::unique_ptr<BackupFolder>> OpenBackups(const BackupOptions& options) = 0;
};

}  // namespace tokens::storage

#endif  // STORAGE_STORE_H_
