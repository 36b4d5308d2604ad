#include "token_service/sweeper.h"

#include "token_service/base/log.h"

namespace tokens {
namespace {

constexpr absl::Duration kInterval = absl::Minutes(1);

}  // namespace

Sweeper::Sweeper(storage::TokenStore& store, Clock& clock, absl::Duration retention)
    : store_(store), clock_(clock), retention_(retention), thread_([this] { Run(); }) {}

Sweeper::~Sweeper() {
  stop_.Notify();
  thread_.join();
}

void Sweeper::Run() {
  do {
    SweepOnce();
  } while (!stop_.WaitForNotificationWithTimeout(kInterval));
}

void Sweeper::SweepOnce() {
  const absl::Time now = clock_.Now();
  const absl::Status status = store_.Sweep({now - retention_, now});
  if (status.ok()) return;
  LogFields fields;
  fields.detail = status.message();
  Log(LogLevel::kWarning, "sweep_failed", fields);
}

}  // namespace tokens
