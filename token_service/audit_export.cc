#include "token_service/audit_export.h"

#include <string>
#include <vector>

#include "token_service/base/status_details.h"
#include "token_service/proto_convert.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

absl::Status ReadTime(const char* field, const google::protobuf::Timestamp& timestamp, absl::Time* time) {
  const std::optional<absl::Time> read = ToTime(timestamp);
  if (!read.has_value()) return InvalidField(field, "is not a timestamp");
  *time = *read;
  return absl::OkStatus();
}

void Fill(const storage::AuditHash& previous, const storage::AuditRecord& record, pb::AuditRecord* message) {
  const storage::AuditEntry& entry = record.entry;
  message->set_sequence(record.sequence);
  ToProto(entry.time, message->mutable_time());
  message->set_action(static_cast<pb::AuditRecord::Action>(entry.action));  // The same numbers.
  message->set_caller(entry.by.caller);
  message->set_request_id(entry.by.request_id);
  message->set_did(entry.did);
  message->set_token_id(entry.token_id);
  message->set_outcome(entry.outcome);
  message->set_hash(record.hash.data(), record.hash.size());
  message->set_previous_hash(previous.data(), previous.size());
}

void Fill(const storage::AuditCheckpoint& checkpoint, pb::AuditCheckpoint* message) {
  message->set_sequence(checkpoint.head.sequence);
  message->set_hash(checkpoint.head.hash.data(), checkpoint.head.hash.size());
  ToProto(checkpoint.time, message->mutable_time());
  message->set_key_id(checkpoint.key_id);
  message->set_signature(checkpoint.signature.data(), checkpoint.signature.size());
}

}  // namespace

absl::StatusOr<StreamStep> AuditExport::Next(pb::ExportResponse* message) {
  if (!begun_) {
    if (absl::Status status = Begin(); !status.ok()) return status;
    begun_ = true;
  }
  if (head_.sequence >= end_) return StreamStep::kEnd;
  const auto records = audit_.ReadAudit(head_.sequence, kRecordsPerMessage);
  if (!records.ok()) return records.status();
  // Read after the records, so that none of theirs is missed; no more than theirs are of use.
  const auto checkpoints = audit_.ReadCheckpoints(head_.sequence, kRecordsPerMessage);
  if (!checkpoints.ok()) return checkpoints.status();
  auto checkpoint = checkpoints->begin();
  for (const storage::AuditRecord& record : *records) {
    if (record.sequence > end_) break;
    while (checkpoint != checkpoints->end() && checkpoint->head.sequence < record.sequence) ++checkpoint;
    if (IsAskedFor(record)) {
      Fill(head_.hash, record, message->add_items()->mutable_record());
      if (checkpoint != checkpoints->end() && checkpoint->head.sequence == record.sequence) {
        Fill(*checkpoint, message->add_items()->mutable_checkpoint());
      }
    }
    head_ = HeadAfter(record);
  }
  // What was there when it began is there still, unless the store has lost it.
  if (records->empty()) return absl::DataLossError("the end of the audit is missing");
  return message->items_size() == 0 ? StreamStep::kNothingYet : StreamStep::kMessage;
}

absl::Status AuditExport::Begin() {
  if (request_.has_from_time()) {
    if (absl::Status bad = ReadTime("from_time", request_.from_time(), &from_); !bad.ok()) return bad;
  }
  if (request_.has_to_time()) {
    if (absl::Status bad = ReadTime("to_time", request_.to_time(), &to_); !bad.ok()) return bad;
  }
  const absl::StatusOr<storage::AuditHead> end = audit_.ReadAuditHead();
  if (!end.ok()) return end.status();
  end_ = end->sequence;
  const absl::StatusOr<storage::AuditHead> before = audit_.ReadAuditHeadAt(request_.after_sequence());
  if (!before.ok()) return before.status();
  head_ = *before;
  return absl::OkStatus();
}

bool AuditExport::IsAskedFor(const storage::AuditRecord& record) const {
  return from_ <= record.entry.time && record.entry.time < to_;
}

}  // namespace tokens
