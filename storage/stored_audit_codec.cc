#include "storage/stored_audit_codec.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "didpic/token/v1/stored_token.pb.h"

namespace tokens::storage {
namespace {

// False if `bytes` are not as many.
template <size_t kSize>
bool Copy(const std::string& bytes, std::array<uint8_t, kSize>* to) {
  if (bytes.size() != kSize) return false;
  std::copy(bytes.begin(), bytes.end(), to->begin());
  return true;
}

}  // namespace

std::string EncodeAudit(const AuditRecord& record) {
  const AuditEntry& entry = record.entry;
  didpic::token::v1::StoredAudit stored;
  stored.set_time_us(absl::ToUnixMicros(entry.time));
  stored.set_action(static_cast<int>(entry.action));
  stored.set_caller(entry.by.caller);
  stored.set_request_id(entry.by.request_id);
  stored.set_did(entry.did);
  stored.set_token_id(entry.token_id);
  stored.set_outcome(entry.outcome);
  stored.set_hash(record.hash.data(), record.hash.size());
  std::string bytes;
  stored.AppendToString(&bytes);
  return bytes;
}

absl::StatusOr<AuditRecord> DecodeAudit(uint64_t sequence, const std::string& bytes) {
  absl::Status unreadable = absl::DataLossError(absl::StrCat("record ", sequence, ": cannot be read"));
  didpic::token::v1::StoredAudit stored;
  if (!stored.ParseFromString(bytes)) return unreadable;
  AuditRecord record;
  record.sequence = sequence;
  record.entry.time = absl::FromUnixMicros(stored.time_us());
  record.entry.action = static_cast<AuditAction>(stored.action());
  record.entry.by = {stored.caller(), stored.request_id()};
  record.entry.did = stored.did();
  record.entry.token_id = stored.token_id();
  record.entry.outcome = stored.outcome();
  if (!Copy(stored.hash(), &record.hash)) return unreadable;
  // The hash covers the fields; this, every other way to write them.
  if (EncodeAudit(record) != bytes) return unreadable;
  return record;
}

std::string EncodeCheckpoint(const AuditCheckpoint& checkpoint) {
  didpic::token::v1::StoredCheckpoint stored;
  stored.set_hash(checkpoint.head.hash.data(), checkpoint.head.hash.size());
  stored.set_time_us(absl::ToUnixMicros(checkpoint.time));
  stored.set_key_id(checkpoint.key_id);
  stored.set_signature(checkpoint.signature.data(), checkpoint.signature.size());
  std::string bytes;
  stored.AppendToString(&bytes);
  return bytes;
}

absl::StatusOr<AuditCheckpoint> DecodeCheckpoint(uint64_t sequence, const std::string& bytes) {
  absl::Status unreadable = absl::DataLossError(absl::StrCat("checkpoint ", sequence, ": cannot be read"));
  didpic::token::v1::StoredCheckpoint stored;
  if (!stored.ParseFromString(bytes)) return unreadable;
  AuditCheckpoint checkpoint;
  checkpoint.head.sequence = sequence;
  checkpoint.time = absl::FromUnixMicros(stored.time_us());
  checkpoint.key_id = stored.key_id();
  if (!Copy(stored.hash(), &checkpoint.head.hash) || !Copy(stored.signature(), &checkpoint.signature))
    return unreadable;
  if (!CheckCheckpoint(checkpoint).ok() || EncodeCheckpoint(checkpoint) != bytes) return unreadable;
  return checkpoint;
}

}  // namespace tokens::storage
