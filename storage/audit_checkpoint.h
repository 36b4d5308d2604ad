#ifndef STORAGE_AUDIT_CHECKPOINT_H_
#define STORAGE_AUDIT_CHECKPOINT_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/audit_chain.h"

namespace tokens::storage {

// A signed statement that the audit's chain stood at `head` at `time`. Whoever cannot sign can change nothing up to
// there without its showing. A value; signing and judging signatures is for those who have keys.
struct AuditCheckpoint {
  AuditHead head;      // Of a record: its sequence is not 0.
  absl::Time time;     // Whole microseconds.
  std::string key_id;  // Which key signed: 16 lower-case hex digits.
  std::array<uint8_t, 64> signature{};

  friend bool operator==(const AuditCheckpoint&, const AuditCheckpoint&) = default;
};

// What is signed, 97 bytes:
//
//   "didpic.token.v1.audit.checkpoint" NUL, sequence, hash of the record, time, key id
//
// where integers are big-endian (sequence and time, in microseconds since 1970, 8 bytes each), the hash has 32 bytes
// and the key id its 16 characters. Frozen: a change makes every kept signature look forged.
std::string CheckpointBytes(const AuditCheckpoint& checkpoint);

// OK if it has the form that is said above. INVALID_ARGUMENT names the field.
absl::Status CheckCheckpoint(const AuditCheckpoint& checkpoint);

}  // namespace tokens::storage

#endif  // STORAGE_AUDIT_CHECKPOINT_H_
