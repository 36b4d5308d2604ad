#include "token_service/audit_rpc.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "token_service/base/status_details.h"
#include "token_service/proto_convert.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;

// Which records are asked for, by their time.
struct Period {
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
};

absl::StatusOr<Period> ToPeriod(const pb::ExportRequest& request) {
  Period period;
  if (request.has_from_time()) {
    const std::optional<absl::Time> from = ToTime(request.from_time());
    if (!from.has_value()) return InvalidField("from_time", "is not a timestamp");
    period.from = *from;
  }
  if (request.has_to_time()) {
    const std::optional<absl::Time> to = ToTime(request.to_time());
    if (!to.has_value()) return InvalidField("to_time", "is not a timestamp");
    period.to = *to;
  }
  return period;
}

void Fill(const storage::AuditRecord& record, pb::AuditRecord* message) {
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
}

absl::Status ExportPage(storage::AuditLog& audit, const pb::ExportRequest& request, pb::ExportResponse* response) {
  const absl::StatusOr<Period> period = ToPeriod(request);
  if (!period.ok()) return period.status();
  if (request.page_size() < 0) return InvalidField("page_size", "must not be negative");
  const int size = request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  const auto page = audit.ReadAudit(request.after_sequence(), size);
  if (!page.ok()) return page.status();
  for (const storage::AuditRecord& record : *page) {
    const absl::Time time = record.entry.time;
    if (period->from <= time && time < period->to) Fill(record, response->add_records());
  }
  if (page->size() == static_cast<size_t>(size)) response->set_next_after_sequence(page->back().sequence);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* AuditRpc::Export(grpc::CallbackServerContext* context, const pb::ExportRequest* request,
                                           pb::ExportResponse* response) {
  return calls_.RunOn(reads_, context, "Export", [this, request, response](CallNotes*) -> absl::Status {
    return ExportPage(audit_, *request, response);
  });
}

}  // namespace tokens
