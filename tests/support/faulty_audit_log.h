#ifndef TESTS_SUPPORT_FAULTY_AUDIT_LOG_H_
#define TESTS_SUPPORT_FAULTY_AUDIT_LOG_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "storage/audit_log.h"
#include "token_service/base/mutex.h"

namespace tokens::testing {

// An AuditLog that fails its writes, or its reads, while it is told to, before they reach the log behind it, and counts
// what it let pass. Thread-safe. The log behind it must outlive it.
class FaultyAuditLog : public storage::AuditLog {
 public:
  explicit FaultyAuditLog(storage::AuditLog& log) : log_(log) {}

  // From now on; OK ends that.
  void FailWrites(const absl::Status& status) {
    MutexLock lock(mutex_);
    write_fault_ = status;
  }
  void FailReads(const absl::Status& status) {
    MutexLock lock(mutex_);
    read_fault_ = status;
  }
  // Returns once `count` writes have passed since it was made.
  void AwaitWrites(int count) {
    MutexLock lock(mutex_);
    while (writes_ < count) written_.Wait(mutex_);
  }

  // How often records were read.
  int reads() {
    MutexLock lock(mutex_);
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
    MutexLock lock(mutex_);
    return write_fault_;
  }
  absl::Status ReadFault() {
    MutexLock lock(mutex_);
    return read_fault_;
  }
  absl::Status Count(absl::Status written) {
    MutexLock lock(mutex_);
    ++writes_;
    written_.NotifyAll();
    return written;
  }

  void CountRead() {
    MutexLock lock(mutex_);
    ++reads_;
  }

  storage::AuditLog& log_;
  Mutex mutex_;
  CondVar written_;
  absl::Status write_fault_ ABSL_GUARDED_BY(mutex_);
  absl::Status read_fault_ ABSL_GUARDED_BY(mutex_);
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_FAULTY_AUDIT_LOG_H_
