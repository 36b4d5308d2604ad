#ifndef STORAGE_AUDIT_LOG_H_
#define STORAGE_AUDIT_LOG_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/audit_chain.h"

namespace tokens::storage {

// What was done, by whom, in the order in which it took effect: a hash chain (audit_chain.h) that only grows. The
// writes of the same store add to it in the same atomic change as what they do (token_store.h says which), so neither
// is ever there without the other.
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

  // Where the chain ends.
  virtual absl::StatusOr<AuditHead> ReadAuditHead() = 0;
};

}  // namespace tokens::storage

#endif  // STORAGE_AUDIT_LOG_H_
