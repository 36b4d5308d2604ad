#ifndef TOKEN_SERVICE_REFUSAL_RECORDER_H_
#define TOKEN_SERVICE_REFUSAL_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "storage/audit_log.h"
#include "token_service/base/mutex.h"

namespace tokens {

// A call that its caller may not make.
struct RefusedCall {
  std::string caller;  // As far as it is known.
  std::string method;  // "SetAccountStatus".
  std::string reason;  // "ROLE_MISSING".
  std::string request_id;
  absl::Time time;
};

// Puts refused calls into the audit, on a thread of its own until destroyed, so that no refusal waits for a write. Nor
// can refusals fill the disk: the first of a caller for one method and reason is written at once, those that follow are
// counted and written once a minute as one record, with the last one's time and request id; past `max_kinds` such
// kinds at a time, all others together. What the store cannot take now is logged and counted on. The destructor writes
// what is pending. Thread-safe.
class RefusalRecorder {
 public:
  static constexpr size_t kMaxKinds = 64;

  // `audit` must outlive this.
  explicit RefusalRecorder(storage::AuditLog& audit, size_t max_kinds = kMaxKinds);
  ~RefusalRecorder();
  RefusalRecorder(const RefusalRecorder&) = delete;
  RefusalRecorder& operator=(const RefusalRecorder&) = delete;

  // Cheap; does not wait for the store.
  void Note(const RefusedCall& call);

  // Writes what is pending, as the thread does every minute.
  void Flush();

 private:
  using Kind = std::tuple<std::string, std::string, std::string>;  // Caller, method, reason.
  struct Pending {
    int64_t count = 0;
    std::string request_id;
    absl::Time time;
    bool is_new = true;  // Nothing of its kind was written in the last minute.
  };
  enum class Which { kAll, kNew };

  void Run();
  // The kinds that are to be written; they begin anew. With kAll, those with nothing to write are forgotten.
  std::map<Kind, Pending> Take(Which which);
  void Write(Which which);
  void PutBack(const Kind& kind, const Pending& pending);

  storage::AuditLog& audit_;
  const size_t max_kinds_;
  Mutex mutex_;
  CondVar changed_;
  std::map<Kind, Pending> pending_ ABSL_GUARDED_BY(mutex_);
  bool has_new_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_REFUSAL_RECORDER_H_
