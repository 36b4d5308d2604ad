#include "storage/rocksdb_audit.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "storage/rocksdb_keys.h"
#include "storage/stored_audit_codec.h"

namespace tokens::storage {
namespace {

// The record at which the iterator stands.
absl::StatusOr<AuditRecord> RecordAt(const rocksdb::Iterator& audit) {
  const std::optional<uint64_t> sequence = ParseAuditKey({audit.key().data(), audit.key().size()});
  if (!sequence) return absl::DataLossError("the audit has a record without a number");
  return DecodeAudit(*sequence, audit.value().ToString());
}

absl::StatusOr<AuditHead> VerifyChain(rocksdb::Iterator& audit, const std::optional<AuditHead>& known,
                                      const StoreLog& log) {
  AuditHead head;
  for (audit.SeekToFirst(); audit.Valid(); audit.Next()) {
    const absl::StatusOr<AuditRecord> record = RecordAt(audit);
    if (!record.ok()) return record.status();
    if (absl::Status status = CheckLink(head, *record); !status.ok()) return status;
    if (known && head.sequence < known->sequence && known->sequence < record->sequence) {
      return absl::DataLossError(absl::StrCat("record ", known->sequence,
                                              ": not in this store, which was restored (record ", record->sequence,
                                              ") from a state before it"));
    }
    head = HeadAfter(*record);
    if (known && known->sequence == head.sequence && known->hash != head.hash) {
      return absl::DataLossError(absl::StrCat("record ", head.sequence, ": not the one that is known"));
    }
  }
  if (absl::Status status = FromRocksDb(audit.status(), "read", log); !status.ok()) return status;
  if (known && known->sequence > head.sequence) {
    return absl::DataLossError(
        absl::StrCat("record ", head.sequence + 1, ": missing; ", known->sequence, " is known to have been there"));
  }
  return head;
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

absl::StatusOr<AuditHead> ReadAuditHead(rocksdb::Iterator& audit, const StoreLog& log) {
  audit.SeekToLast();
  if (absl::Status status = FromRocksDb(audit.status(), "read", log); !status.ok()) return status;
  if (!audit.Valid()) return AuditHead();
  const absl::StatusOr<AuditRecord> last = RecordAt(audit);
  if (!last.ok()) return last.status();
  return HeadAfter(*last);
}

absl::StatusOr<AuditHead> VerifyAudit(const RocksDbOptions& options, const std::optional<AuditHead>& known) {
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, {}},
                                                                 {kFamilyNames[static_cast<int>(Family::kAudit)], {}}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(MakeDbOptions(options), options.directory, families, &handles, &opened);
  if (!status.ok()) return FromRocksDb(status, "open the store", options.log);
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::unique_ptr<rocksdb::Iterator> audit(db->NewIterator({}, handles[1]));
  absl::StatusOr<AuditHead> head = VerifyChain(*audit, known, options.log);
  audit.reset();
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (absl::Status closed = FromRocksDb(db->DestroyColumnFamilyHandle(handle), "close", options.log); !closed.ok()) {
      return closed;
    }
  }
  return head;
}

}  // namespace tokens::storage
