#ifndef STORAGE_STORED_AUDIT_CODEC_H_
#define STORAGE_STORED_AUDIT_CODEC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "storage/audit_chain.h"
#include "storage/audit_checkpoint.h"

namespace tokens::storage {

// Audit records on disk ⇄ in memory. Pure functions. The sequence number is the record's key and not part of the bytes.
std::string EncodeAudit(const AuditRecord& record);

// DATA_LOSS naming the record for any bytes but those that EncodeAudit makes of it.
absl::StatusOr<AuditRecord> DecodeAudit(uint64_t sequence, const std::string& bytes);

// The same for checkpoints.
std::string EncodeCheckpoint(const AuditCheckpoint& checkpoint);
absl::StatusOr<AuditCheckpoint> DecodeCheckpoint(uint64_t sequence, const std::string& bytes);

}  // namespace tokens::storage

#endif  // STORAGE_STORED_AUDIT_CODEC_H_
