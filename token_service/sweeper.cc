#include "token_service/sweeper.h"

#include <chrono>

#include "token_service/base/log.h"

namespace tokens {
namespace {

constexpr std::chrono::minutes kInterval(1);

}  // namespace

Sweeper::Sweeper(storage::TokenStore& store, Clock& clock, absl::Duration retention)
    : store_(store), clock_(clock), retention_(retention), thread_([this] { Run(); }) {}

Sweeper::~Sweeper() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void Sweeper::Run() {
  while (true) {
    SweepIfClockIsTrusted();
    const auto next = std::chrono::steady_clock::now() + kInterval;
    MutexLock lock(mutex_);
    while (!stopping_ && std::chrono::steady_clock::now() < next) changed_.WaitUntil(mutex_, next);
    if (stopping_) return;
  }
}

void Sweeper::SweepIfClockIsTrusted() {
  const absl::Time now = clock_.Now();
  if (!clock_watch_.Observe(now, absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()))) return;
  const absl::Status status = store_.Sweep({now - retention_, now});
  if (status.ok()) return;
  LogFields fields;
  fields.detail = status.message();
  Log(LogLevel::kWarning, "sweep_failed", fields);
}

}  // namespace tokens
