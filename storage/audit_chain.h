#ifndef STORAGE_AUDIT_CHAIN_H_
#define STORAGE_AUDIT_CHAIN_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "storage/audit_entry.h"

namespace tokens::storage {

// The audit is a chain: every record holds a hash over itself and the hash before it, so that none can be changed,
// moved or taken out without every later hash being made anew. Pure functions; anyone can compute them from what is
// exported:
//
//   SHA-256("didpic.token.v1.audit" NUL, hash before, sequence, time, action,
//           caller, request id, DID, token id, outcome)
//
// where integers are big-endian (sequence and time, in microseconds since 1970, 8 bytes; action 4) and each text
// follows its length in bytes (4). Frozen: a change makes every kept audit look forged.
//
// Sequences go up by one, with one exception: that of a RESTORED record is its time in microseconds since 1970 if that
// is greater. A restored store so goes on above every number that the store it replaces, or any life before, can have
// given: they give out far less than one number per microsecond. The numbers between stay unused. All are below 2^53.
using AuditHash = std::array<uint8_t, 32>;

// An entry in its place.
struct AuditRecord {
  uint64_t sequence = 0;  // From 1, without gaps but before a RESTORED record.
  AuditEntry entry;
  AuditHash hash{};

  friend bool operator==(const AuditRecord&, const AuditRecord&) = default;
};

// Where a chain ends. The default is one without records.
struct AuditHead {
  uint64_t sequence = 0;
  AuditHash hash{};

  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

inline AuditHead HeadAfter(const AuditRecord& record) { return {record.sequence, record.hash}; }

// `entry` as the record that follows `head`.
AuditRecord Link(const AuditHead& head, const AuditEntry& entry);

// OK if `record` is the one that follows `head`. DATA_LOSS naming the record and what is wrong with it.
absl::Status CheckLink(const AuditHead& head, const AuditRecord& record);

}  // namespace tokens::storage

#endif  // STORAGE_AUDIT_CHAIN_H_
