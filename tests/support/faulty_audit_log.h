#ifndef TESTS_SUPPORT_FAULTY_AUDIT_LOG_H_
#define TESTS_SUPPORT_FAULTY_AUDIT_LOG_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/audit_log.h"

namespace tokens::testing {

// An AuditLog that fails its writes, or its reads, while it is told to, before they reach the log behind it, and counts
// what it let pass. Thread-safe. The log behind it must outlive it.
class FaultyAuditLog : public storage::AuditLog {
 public:
  explicit FaultyAuditLog(storage::AuditLog& log) : log_(log) {}

  // From now on; OK ends that.
  void FailWrites(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    write_fault_ = status;
  }
  void FailReads(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    read_fault_ = status;
  }
  // Returns once `count` writes have passed since it was made.
  void AwaitWrites(int count) {
    absl::MutexLock lock(&mutex_);
    const auto passed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return writes_ >= count; };
    mutex_.Await(absl::Condition(&passed));
  }

  // How often records were read.
  int reads() {
    absl::MutexLock lock(&mutex_);
    return reads_;
  }

  absl::Status AppendAudit(const storage::AuditEntry& entry) override {
    if (absl::Status fault = WriteFault(); !fault.ok()) return fault;
    return Count(log_.AppendAudit(entry));
  }
  absl::Status WriteCheckpoint(const storage::AuditCheckpoint& checkpoint) override {
    if (absl::Status fault = WriteFault(); !fault.ok()) return fault;
    return Count(log_.WriteCheckpoint(checkpoint));
  }
  absl::StatusOr<std::vector<storage::AuditRecord>> ReadAudit(uint64_t after, int limit) override {
    if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
    CountRead();
    return log_.ReadAudit(after, limit);
  }
  absl::StatusOr<storage::AuditHead> ReadAuditHeadAt(uint64_t sequence) override {
    if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
    return log_.ReadAuditHeadAt(sequence);
  }
  absl::StatusOr<std::vector<storage::AuditCheckpoint>> ReadCheckpoints(uint64_t after, int limit) override {
    if (absl::Status fault = ReadFault(); !fault.ok()) return fault;
    return log_.ReadCheckpoints(after, limit);
  }

 private:
  absl::Status WriteFault() {
    absl::MutexLock lock(&mutex_);
    return write_fault_;
  }
  absl::Status ReadFault() {
    absl::MutexLock lock(&mutex_);
    return read_fault_;
  }
  absl::Status Count(absl::Status written) {
    absl::MutexLock lock(&mutex_);
    ++writes_;
    return written;
  }

  void CountRead() {
    absl::MutexLock lock(&mutex_);
    ++reads_;
  }

  storage::AuditLog& log_;
  absl::Mutex mutex_;
  absl::Status write_fault_ ABSL_GUARDED_BY(mutex_);
  absl::Status read_fault_ ABSL_GUARDED_BY(mutex_);
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_FAULTY_AUDIT_LOG_H_
