#include "token_service/rpc_call.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/log.h"
#include "token_service/base/request_id.h"
#include "token_service/base/status_details.h"
#include "token_service/base/trace_context.h"
#include "token_service/rpc_access.h"

namespace tokens {
namespace {

std::string RequestIdOf(const grpc::CallbackServerContext& context) {
  const auto it = context.client_metadata().find(kRequestIdHeader);
  if (it != context.client_metadata().end()) {
    const absl::string_view given(it->second.data(), it->second.size());
    if (IsRequestId(given)) return std::string(given);
  }
  return MakeRequestId();
}

TraceContext BeginSpanOf(const grpc::CallbackServerContext& context) {
  std::vector<absl::string_view> traceparents;
  const auto [first, last] = context.client_metadata().equal_range(kTraceparentHeader);
  for (auto it = first; it != last; ++it) traceparents.emplace_back(it->second.data(), it->second.size());
  return BeginSpan(traceparents, {});  // nobody is called from here, so no tracestate is passed on
}

LogLevel LevelOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss: return LogLevel::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kDeadlineExceeded: return LogLevel::kWarning;
    default: return LogLevel::kInfo;
  }
}

}  // namespace

absl::Status TooManyRequests() {
  return WithReason(absl::ResourceExhaustedError("too many requests in flight"), {"TOO_MANY_REQUESTS", {}});
}

bool HasGivenUp(const grpc::CallbackServerContext& context, Clock& clock) {
  return context.IsCancelled() || absl::FromChrono(context.deadline()) <= clock.Now();
}

bool RpcCalls::Begin(Call* call) {
  call->request_id = RequestIdOf(*call->context);
  call->trace = BeginSpanOf(*call->context);
  call->start = clock_.Now();
  call->arrival = std::chrono::steady_clock::now();
  call->context->AddInitialMetadata(kRequestIdHeader, call->request_id);
  metrics_.Began();
  const bool has_room = in_flight_.fetch_add(1) < max_in_flight_;
  absl::Status status = authorizer_.Authorize(*call->context, call->method, &call->caller);
  CallNotes notes;
  if (const auto refusal = GetReason(status)) notes.error = refusal->reason;
  if (!status.ok()) NoteIfAdminCall(*call, status);
  if (status.ok() && !has_room) status = TooManyRequests();
  if (status.ok()) return true;
  Finish(*call, status, notes);
  return false;
}

void RpcCalls::NoteIfAdminCall(const Call& call, const absl::Status& refusal) const {
  const RpcAccess* access = FindRpcAccess(call.method);
  if (!note_refusal_ || access == nullptr || !IsAdminCall(*access)) return;
  const auto reason = GetReason(refusal);
  note_refusal_({call.caller.name, call.method, reason ? reason->reason : absl::StatusCodeToString(refusal.code()),
                 call.request_id, call.start});
}

void RpcCalls::Finish(const Call& call, const absl::Status& status, const CallNotes& notes) {
  in_flight_.fetch_sub(1);
  LogFields fields;
  fields.request_id = call.request_id;
  fields.trace_id = call.trace.trace_id;
  fields.span_id = call.trace.span_id;
  fields.method = call.method;
  const std::string code = absl::StatusCodeToString(status.code());
  fields.code = code;
  fields.caller = call.caller.name;
  fields.role = call.caller.role;
  fields.error = notes.error;
  fields.did = notes.did;
  fields.token_id = notes.token_id;
  fields.duration = clock_.Now() - call.start;
  if (!status.ok()) fields.detail = status.message();
  Log(LevelOf(status), "rpc", fields);
  const absl::Duration took = absl::FromChrono(std::chrono::steady_clock::now() - call.arrival);
  metrics_.Finished({call.method, call.caller.role, status.code(), took}, notes.counts);
  call.finish(ToGrpcStatus(status));  // last: the call may be gone afterwards
}

void RpcCalls::Perform(const Call& call, const CallBody& body) {
  CallNotes notes;
  notes.by = {call.caller.name, call.request_id};
  notes.role = call.caller.role;
  const absl::Status status = HasGivenUp(*call.context, clock_)
                                  ? absl::DeadlineExceededError("the deadline passed before the call's turn")
                                  : body(&notes);
  Finish(call, status, notes);
}

grpc::ServerUnaryReactor* RpcCalls::RunInline(grpc::CallbackServerContext* context, const char* method,
                                              const CallBody& body) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  Call call{context, method, [reactor](const grpc::Status& status) { reactor->Finish(status); }};
  if (Begin(&call)) Perform(call, body);
  return reactor;
}

grpc::ServerUnaryReactor* RpcCalls::RunOn(WorkLane& lane, grpc::CallbackServerContext* context, const char* method,
                                          CallBody body) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  Call call{context, method, [reactor](const grpc::Status& status) { reactor->Finish(status); }};
  if (!Begin(&call)) return reactor;
  if (!lane.Submit([this, call, body = std::move(body)] { Perform(call, body); })) Finish(call, TooManyRequests(), {});
  return reactor;
}

}  // namespace tokens
