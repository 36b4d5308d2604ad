#include "storage/audit_proof.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace tokens::storage {
namespace {

absl::Status BadCheckpoint(uint64_t sequence, const char* why) {
  return absl::DataLossError(absl::StrCat("checkpoint ", sequence, ": ", why));
}

absl::Status Missing(const AuditHead& end, uint64_t known, const char* how) {
  return absl::DataLossError(absl::StrCat("record ", end.sequence + 1, ": missing; ", known, " ", how));
}

}  // namespace

absl::Status AuditProof::AddRecord(const AuditRecord& record) {
  if (absl::Status status = CheckLink(proven_.head, record); !status.ok()) return status;
  const std::optional<AuditHead>& known = expectations_.known;
  if (known && proven_.head.sequence < known->sequence && known->sequence < record.sequence) {
    return absl::DataLossError(absl::StrCat("record ", known->sequence,
                                            ": not in this store, which was restored (record ", record.sequence,
                                            ") from a state before it"));
  }
  proven_.head = HeadAfter(record);
  ++proven_.records_after;
  if (!known || known->sequence != record.sequence) return absl::OkStatus();
  if (known->hash != record.hash) {
    return absl::DataLossError(absl::StrCat("record ", record.sequence, ": not the one that is known"));
  }
  known_found_ = true;
  return absl::OkStatus();
}

absl::Status AuditProof::AddCheckpoint(const AuditCheckpoint& checkpoint) {
  const uint64_t sequence = checkpoint.head.sequence;
  if (sequence > proven_.head.sequence) return Missing(proven_.head, sequence, "was signed");
  if (sequence < proven_.head.sequence) return BadCheckpoint(sequence, "there is no such record");
  if (checkpoint.head.hash != proven_.head.hash) {
    return BadCheckpoint(sequence, "another record was signed than the one that is there");
  }
  if (expectations_.check_signature) {
    if (absl::Status status = expectations_.check_signature(checkpoint); !status.ok()) return status;
  }
  proven_.last_checkpoint = checkpoint;
  proven_.records_after = 0;
  return absl::OkStatus();
}

absl::Status AuditProof::Finish() const {
  const std::optional<AuditHead>& known = expectations_.known;
  if (!known || known_found_ || *known == AuditHead()) return absl::OkStatus();
  if (known->sequence > proven_.head.sequence) {
    return Missing(proven_.head, known->sequence, "is known to have been there");
  }
  return absl::DataLossError("there is no record 0");
}

}  // namespace tokens::storage
