#ifndef STORAGE_AUDIT_PROOF_H_
#define STORAGE_AUDIT_PROOF_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "storage/audit_chain.h"
#include "storage/audit_checkpoint.h"

namespace tokens::storage {

// What an audit is held against, besides itself.
struct AuditExpectations {
  // An end that it is known to have had: then nothing up to there may be missing or made anew.
  std::optional<AuditHead> known = std::nullopt;
  // Judges a checkpoint's signature; its error ends the proof, DATA_LOSS if the signature is forged. Empty: signatures
  // are not looked at, only whether the chain holds the records that the checkpoints are of.
  std::function<absl::Status(const AuditCheckpoint&)> check_signature = {};
};

// What was proven of an audit.
struct ProvenAudit {
  AuditHead head;  // Where the chain ends.
  std::optional<AuditCheckpoint> last_checkpoint;
  uint64_t records_after = 0;  // How many records follow that checkpoint; all of them if there is none.
};

// Proves an audit that is brought to it in order: for each record first the record, then its checkpoint if there is
// one. Not thread-safe. Each error is DATA_LOSS naming the first bad record or checkpoint, or check_signature's, and
// final.
class AuditProof {
 public:
  explicit AuditProof(AuditExpectations expectations) : expectations_(std::move(expectations)) {}

  absl::Status AddRecord(const AuditRecord& record);
  // That of the record added last; of any other, it is a checkpoint without its record.
  absl::Status AddCheckpoint(const AuditCheckpoint& checkpoint);
  // Nothing follows.
  absl::Status Finish() const;

  const ProvenAudit& proven() const { return proven_; }

 private:
  const AuditExpectations expectations_;
  ProvenAudit proven_;
  bool known_found_ = false;
};

}  // namespace tokens::storage

#endif  // STORAGE_AUDIT_PROOF_H_
