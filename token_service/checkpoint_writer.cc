#include "token_service/checkpoint_writer.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "token_service/base/log.h"

namespace tokens {
namespace {

constexpr absl::Duration kRetry = absl::Seconds(10);

void LogFailure(const absl::Status& status) {
  LogFields fields;
  fields.detail = status.message();
  Log(LogLevel::kWarning, "checkpoint_failed", fields);
}

}  // namespace

CheckpointWriter::CheckpointWriter(storage::AuditLog& audit, const AuditKeyFile& key, Clock& clock,
                                   absl::Duration interval)
    : audit_(audit), key_(key), clock_(clock), interval_(interval), thread_([this] { Run(); }) {}

CheckpointWriter::~CheckpointWriter() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
  if (const absl::Status status = WriteIfGrown(); !status.ok()) LogFailure(status);
}

void CheckpointWriter::Run() {
  absl::Duration wait = interval_;
  while (true) {
    const auto next = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(wait);
    {
      MutexLock lock(mutex_);
      while (!stopping_ && std::chrono::steady_clock::now() < next) changed_.WaitUntil(mutex_, next);
      if (stopping_) return;
    }
    const absl::Status status = WriteIfGrown();
    wait = status.ok() ? interval_ : std::min(interval_, kRetry);
    if (!status.ok()) LogFailure(status);
  }
}

absl::Status CheckpointWriter::WriteIfGrown() {
  const std::shared_ptr<const AuditKey> key = key_.Current();
  if (key == nullptr) return absl::OkStatus();
  const absl::StatusOr<storage::AuditHead> head = audit_.ReadAuditHead();
  if (!head.ok()) return head.status();
  if (head->sequence == 0) return absl::OkStatus();
  const auto written = audit_.ReadCheckpoints(head->sequence - 1, 1);
  if (!written.ok()) return written.status();
  if (!written->empty()) return absl::OkStatus();
  const absl::StatusOr<storage::AuditCheckpoint> checkpoint = key->Sign(*head, clock_.Now());
  if (!checkpoint.ok()) return checkpoint.status();
  return audit_.WriteCheckpoint(*checkpoint);
}

}  // namespace tokens
