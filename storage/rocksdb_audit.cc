#include "storage/rocksdb_audit.h"

#include <optional>
#include <string>
#include <utility>

#include "storage/rocksdb_keys.h"
#include "storage/rocksdb_read_only.h"
#include "storage/stored_audit_codec.h"

namespace tokens::storage {
namespace {

// The record at which the iterator stands.
absl::StatusOr<AuditRecord> RecordAt(const rocksdb::Iterator& audit) {
  const std::optional<uint64_t> sequence = ParseAuditKey({audit.key().data(), audit.key().size()});
  if (!sequence) return absl::DataLossError("the audit has a record without a number");
  return DecodeAudit(*sequence, audit.value().ToString());
}

absl::StatusOr<AuditCheckpoint> CheckpointAt(const rocksdb::Iterator& checkpoints) {
  const std::optional<uint64_t> sequence = ParseAuditKey({checkpoints.key().data(), checkpoints.key().size()});
  if (!sequence) return absl::DataLossError("the audit has a checkpoint without a number");
  return DecodeCheckpoint(*sequence, checkpoints.value().ToString());
}

// Gives `proof` the checkpoints up to `sequence`.
absl::Status AddCheckpoints(rocksdb::Iterator& checkpoints, uint64_t sequence, AuditProof& proof) {
  for (; checkpoints.Valid(); checkpoints.Next()) {
    const absl::StatusOr<AuditCheckpoint> checkpoint = CheckpointAt(checkpoints);
    if (!checkpoint.ok()) return checkpoint.status();
    if (checkpoint->head.sequence > sequence) break;
    if (absl::Status status = proof.AddCheckpoint(*checkpoint); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Prove(rocksdb::Iterator& audit, rocksdb::Iterator& checkpoints, const StoreLog& log, AuditProof& proof) {
  checkpoints.SeekToFirst();
  for (audit.SeekToFirst(); audit.Valid(); audit.Next()) {
    const absl::StatusOr<AuditRecord> record = RecordAt(audit);
    if (!record.ok()) return record.status();
    if (absl::Status status = proof.AddRecord(*record); !status.ok()) return status;
    if (absl::Status status = AddCheckpoints(checkpoints, record->sequence, proof); !status.ok()) return status;
  }
  if (absl::Status status = FromRocksDb(audit.status(), "read", log); !status.ok()) return status;
  if (absl::Status status = AddCheckpoints(checkpoints, UINT64_MAX, proof); !status.ok()) return status;
  if (absl::Status status = FromRocksDb(checkpoints.status(), "read", log); !status.ok()) return status;
  return proof.Finish();
}

}  // namespace

absl::StatusOr<std::vector<AuditRecord>> ReadAudit(rocksdb::Iterator& audit, uint64_t after, int limit,
                                                   const StoreLog& log) {
  std::vector<AuditRecord> records;
  if (after == UINT64_MAX) return records;
  for (audit.Seek(AuditKey(after + 1)); audit.Valid() && records.size() < static_cast<size_t>(limit); audit.Next()) {
    absl::StatusOr<AuditRecord> record = RecordAt(audit);
    if (!record.ok()) return record.status();
    records.push_back(*std::move(record));
  }
  if (absl::Status status = FromRocksDb(audit.status(), "read", log); !status.ok()) return status;
  return records;
}

absl::StatusOr<AuditHead> ReadAuditHeadAt(rocksdb::Iterator& audit, uint64_t sequence, const StoreLog& log) {
  audit.SeekForPrev(AuditKey(sequence));
  if (absl::Status status = FromRocksDb(audit.status(), "read", log); !status.ok()) return status;
  if (!audit.Valid()) return AuditHead();
  const absl::StatusOr<AuditRecord> last = RecordAt(audit);
  if (!last.ok()) return last.status();
  return HeadAfter(*last);
}

absl::StatusOr<std::vector<AuditCheckpoint>> ReadCheckpoints(rocksdb::Iterator& checkpoints, uint64_t after, int limit,
                                                             const StoreLog& log) {
  std::vector<AuditCheckpoint> found;
  if (after == UINT64_MAX) return found;
  checkpoints.Seek(AuditKey(after + 1));
  for (; checkpoints.Valid() && found.size() < static_cast<size_t>(limit); checkpoints.Next()) {
    absl::StatusOr<AuditCheckpoint> checkpoint = CheckpointAt(checkpoints);
    if (!checkpoint.ok()) return checkpoint.status();
    found.push_back(*std::move(checkpoint));
  }
  if (absl::Status status = FromRocksDb(checkpoints.status(), "read", log); !status.ok()) return status;
  return found;
}

absl::StatusOr<ProvenAudit> VerifyAudit(const RocksDbOptions& options, const AuditExpectations& expectations) {
  const auto store =
      RocksDbReadOnly::Open(options, {Family::kDefault, Family::kMeta, Family::kAudit, Family::kCheckpoints});
  if (!store.ok()) return store.status();
  const auto audit = (*store)->NewIterator(Family::kAudit);
  const auto checkpoints = (*store)->NewIterator(Family::kCheckpoints);
  AuditProof proof(expectations);
  if (absl::Status status = Prove(*audit, *checkpoints, options.log, proof); !status.ok()) return status;
  return proof.proven();
}

}  // namespace tokens::storage
