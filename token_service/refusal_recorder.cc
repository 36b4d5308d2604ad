#include "token_service/refusal_recorder.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "token_service/base/log.h"

namespace tokens {
namespace {

constexpr std::chrono::minutes kInterval(1);
constexpr size_t kMaxCallerBytes = 256;
constexpr char kOthers[] = "OTHERS";

// A name that the policy does not list is whatever the client CA signed.
std::string Printable(const std::string& name) {
  std::string text = name.substr(0, kMaxCallerBytes);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return text;
}

}  // namespace

RefusalRecorder::RefusalRecorder(storage::AuditLog& audit, size_t max_kinds)
    : audit_(audit), max_kinds_(max_kinds), thread_([this] { Run(); }) {}

RefusalRecorder::~RefusalRecorder() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
  Flush();
}

void RefusalRecorder::Note(const RefusedCall& call) {
  Kind kind = {Printable(call.caller), call.method, call.reason};
  MutexLock lock(mutex_);
  auto found = pending_.find(kind);
  if (found == pending_.end()) {
    const bool has_room = pending_.size() < max_kinds_;
    if (!has_room) kind = {"", kOthers, ""};
    found = pending_.try_emplace(std::move(kind)).first;
    // The others are nobody's first: they wait for the minute.
    if (has_room) {
      has_new_ = true;
    } else {
      found->second.is_new = false;
    }
  }
  Pending& pending = found->second;
  ++pending.count;
  pending.request_id = call.request_id;
  pending.time = std::max(pending.time, call.time);
  if (has_new_) changed_.NotifyAll();
}

void RefusalRecorder::Run() {
  auto next = std::chrono::steady_clock::now() + kInterval;
  while (true) {
    bool is_time = false;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && !has_new_ && std::chrono::steady_clock::now() < next) changed_.WaitUntil(mutex_, next);
      if (stopping_) return;
      is_time = std::chrono::steady_clock::now() >= next;
    }
    Write(is_time ? Which::kAll : Which::kNew);
    if (is_time) next = std::chrono::steady_clock::now() + kInterval;
  }
}

void RefusalRecorder::Flush() { Write(Which::kAll); }

std::map<RefusalRecorder::Kind, RefusalRecorder::Pending> RefusalRecorder::Take(Which which) {
  MutexLock lock(mutex_);
  has_new_ = false;
  std::map<Kind, Pending> taken;
  for (auto next = pending_.begin(); next != pending_.end();) {
    Pending& pending = next->second;
    if (which == Which::kAll && pending.count == 0) {
      next = pending_.erase(next);
      continue;
    }
    if (pending.count != 0 && (which == Which::kAll || pending.is_new)) {
      taken.emplace(next->first, pending);
      pending.count = 0;
      pending.is_new = false;
    }
    ++next;
  }
  return taken;
}

void RefusalRecorder::Write(Which which) {
  absl::Status failure;
  for (const auto& [kind, pending] : Take(which)) {
    const auto& [caller, method, reason] = kind;
    storage::AuditEntry entry;
    entry.time = absl::FromUnixMicros(absl::ToUnixMicros(pending.time));
    entry.action = storage::AuditAction::kRefusedAdminCall;
    entry.by = {caller, pending.request_id};
    entry.outcome = absl::StrCat(method, reason.empty() ? "" : " ", reason, " ", pending.count);
    const absl::Status status = audit_.AppendAudit(entry);
    if (status.ok()) continue;
    failure = status;
    PutBack(kind, pending);
  }
  if (failure.ok()) return;
  LogFields fields;
  fields.detail = failure.message();
  Log(LogLevel::kError, "refusals_not_audited", fields);
}

void RefusalRecorder::PutBack(const Kind& kind, const Pending& pending) {
  MutexLock lock(mutex_);
  Pending& now = pending_[kind];
  if (now.count == 0) now.request_id = pending.request_id;
  now.count += pending.count;
  now.time = std::max(now.time, pending.time);
  now.is_new = false;
}

}  // namespace tokens
