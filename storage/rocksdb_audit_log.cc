#include <utility>

#include "storage/rocksdb_token_store.h"
#include "storage/stored_audit_codec.h"
#include "storage/token_rules.h"

namespace tokens::storage {

absl::Status RocksDbTokenStore::AppendAudit(const AuditEntry& entry) {
  RocksDbDatabase::Batch batch(*database_);
  batch.Audit(entry);
  return database_->Write(std::move(batch));
}

absl::StatusOr<std::vector<AuditRecord>> RocksDbTokenStore::ReadAudit(uint64_t after, int limit) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return status;
  return database_->ReadAudit(after, limit);
}

absl::StatusOr<AuditHead> RocksDbTokenStore::ReadAuditHeadAt(uint64_t sequence) {
  return database_->ReadAuditHeadAt(sequence);
}

absl::Status RocksDbTokenStore::WriteCheckpoint(const AuditCheckpoint& checkpoint) {
  if (absl::Status status = CheckCheckpoint(checkpoint); !status.ok()) return status;
  RocksDbDatabase::Batch batch(*database_);
  batch.Put(Family::kCheckpoints, AuditKey(checkpoint.head.sequence), EncodeCheckpoint(checkpoint));
  return database_->Write(std::move(batch));
}

absl::StatusOr<std::vector<AuditCheckpoint>> RocksDbTokenStore::ReadCheckpoints(uint64_t after, int limit) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return status;
  return database_->ReadCheckpoints(after, limit);
}

}  // namespace tokens::storage
