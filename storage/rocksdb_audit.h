#ifndef STORAGE_ROCKSDB_AUDIT_H_
#define STORAGE_ROCKSDB_AUDIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "rocksdb/iterator.h"
#include "storage/audit_chain.h"
#include "storage/audit_checkpoint.h"
#include "storage/audit_proof.h"
#include "storage/rocksdb_options.h"

namespace tokens::storage {

// The column families `audit` and `checkpoints`, read through an iterator over them. As AuditLog (audit_log.h); `log`
// gets what RocksDB says.
absl::StatusOr<std::vector<AuditRecord>> ReadAudit(rocksdb::Iterator& audit, uint64_t after, int limit,
                                                   const StoreLog& log);
absl::StatusOr<AuditHead> ReadAuditHeadAt(rocksdb::Iterator& audit, uint64_t sequence, const StoreLog& log);
absl::StatusOr<std::vector<AuditCheckpoint>> ReadCheckpoints(rocksdb::Iterator& checkpoints, uint64_t after, int limit,
                                                             const StoreLog& log);

// Proves the audit of the store in options.directory, from its first record to its last: that no record was changed,
// moved or taken out between, that the records that were signed are there, and what `expectations` ask. Opens read-only
// and changes no file; the store should not be in use, or be a copy.
// DATA_LOSS: broken, naming the first bad record or checkpoint; or the store itself is damaged. UNAVAILABLE: it cannot
// be opened. FAILED_PRECONDITION: a newer program made it. Otherwise an error of expectations.check_signature.
absl::StatusOr<ProvenAudit> VerifyAudit(const RocksDbOptions& options, const AuditExpectations& expectations);

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_AUDIT_H_
