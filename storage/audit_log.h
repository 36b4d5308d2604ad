#ifndef STORAGE_AUDIT_LOG_H_
#define STORAGE_AUDIT_LOG_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/audit_chain.h"
#include "storage/audit_checkpoint.h"

namespace tokens::storage {

// What was done, by whom, in the order in which it took effect: a hash chain (audit_chain.h) that only grows. The
// writes of the same store add to it in the same atomic change as what they do (token_store.h says which), so neither
// is ever there without the other.
//
// Beside it stand signed checkpoints (audit_checkpoint.h), which prove it to those who trust the signer.
//
// Thread-safe. Durable as the store's writes, and with their errors; reads never wait for writes.
class AuditLog {
 public:
  virtual ~AuditLog() = default;

  // Adds a record of an action that writes nothing else. INVALID_ARGUMENT for an entry past the bounds of
  // audit_entry.h.
  virtual absl::Status AppendAudit(const AuditEntry& entry) = 0;

  // The records after `after` in order, at most `limit` (positive); 0 begins with the first. DATA_LOSS for one that
  // cannot be read; that they form a chain is not checked (CheckLink).
  virtual absl::StatusOr<std::vector<AuditRecord>> ReadAudit(uint64_t after, int limit) = 0;

  // Where the chain stood after the last record up to `sequence`; before the first, that is the default.
  virtual absl::StatusOr<AuditHead> ReadAuditHeadAt(uint64_t sequence) = 0;
  // Where the chain ends.
  absl::StatusOr<AuditHead> ReadAuditHead() { return ReadAuditHeadAt(UINT64_MAX); }

  // Keeps a checkpoint beside the record that it is of; one that was there for that record is replaced.
  // INVALID_ARGUMENT as CheckCheckpoint; that it fits the chain is not checked.
  virtual absl::Status WriteCheckpoint(const AuditCheckpoint& checkpoint) = 0;

  // The checkpoints of records after `after` in their order, at most `limit` (positive). DATA_LOSS for one that cannot
  // be read.
  virtual absl::StatusOr<std::vector<AuditCheckpoint>> ReadCheckpoints(uint64_t after, int limit) = 0;
};

}  // namespace tokens::storage

#endif  // STORAGE_AUDIT_LOG_H_
