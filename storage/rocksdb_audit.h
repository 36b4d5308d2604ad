#ifndef STORAGE_ROCKSDB_AUDIT_H_
#define STORAGE_ROCKSDB_AUDIT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "rocksdb/iterator.h"
#include "storage/audit_chain.h"
#include "storage/rocksdb_options.h"

namespace tokens::storage {

// The column family `audit`, read through an iterator over it. As AuditLog (audit_log.h); `log` gets what RocksDB says.
absl::StatusOr<std::vector<AuditRecord>> ReadAudit(rocksdb::Iterator& audit, uint64_t after, int limit,
                                                   const StoreLog& log);
absl::StatusOr<AuditHead> ReadAuditHead(rocksdb::Iterator& audit, const StoreLog& log);

// Proves the audit of the store in options.directory, from its first record to its last: that no record was changed,
// moved or taken out between; and, with `known`, that it still holds that record, which shows that nothing up to there
// was cut off or made anew. Returns where the chain ends. Opens read-only and changes no file; the store should not be
// in use, or be a copy.
// DATA_LOSS: broken, naming the first bad record; or the store itself is damaged. UNAVAILABLE: it cannot be opened.
absl::StatusOr<AuditHead> VerifyAudit(const RocksDbOptions& options, const std::optional<AuditHead>& known);

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_AUDIT_H_
