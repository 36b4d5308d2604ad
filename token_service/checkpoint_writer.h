#ifndef TOKEN_SERVICE_CHECKPOINT_WRITER_H_
#define TOKEN_SERVICE_CHECKPOINT_WRITER_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/audit_log.h"
#include "token_service/audit_key.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"

namespace tokens {

// Signs where the audit's chain stands, every `interval` if it has grown, on a thread of its own, and once more when
// destroyed: so what was done up to a clean stop is under a signature. What fails is logged and tried again after the
// next interval, or ten seconds if that is less. Nothing waits for it.
class CheckpointWriter {
 public:
  // All must outlive this. Without a key in force nothing is written.
  CheckpointWriter(storage::AuditLog& audit, const AuditKeyFile& key, Clock& clock, absl::Duration interval);
  ~CheckpointWriter();
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  // As the thread does every interval: OK if all records are under a signature afterwards, or there is no key.
  absl::Status WriteIfGrown();

 private:
  void Run();

  storage::AuditLog& audit_;
  const AuditKeyFile& key_;
  Clock& clock_;
  const absl::Duration interval_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_CHECKPOINT_WRITER_H_
