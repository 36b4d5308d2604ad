#ifndef TOKEN_SERVICE_POLICY_FILE_H_
#define TOKEN_SERVICE_POLICY_FILE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "token_service/base/mutex.h"
#include "token_service/policy.h"

namespace tokens {

// The policy in force, and the file it comes from. Thread-safe.
class PolicyFile {
 public:
  // Reads and checks the file. INVALID_ARGUMENT with one line per fault; NOT_FOUND, UNAVAILABLE if it cannot be read.
  static absl::StatusOr<std::unique_ptr<PolicyFile>> Open(std::string path, LexiconFolder lexicons);

  // The policy in force now. Never null; stays valid while held, also across a reload.
  std::shared_ptr<const Policy> Current() const;

  // Reads the file again and has `record` note what came of that: OK, or the error as of Open. The policy in force
  // stays on an error, and if `record` fails.
  using Record = std::function<absl::Status(const absl::Status& judged)>;
  absl::Status Reload(const Record& record);

 private:
  PolicyFile(std::string path, LexiconFolder lexicons) : path_(std::move(path)), lexicons_(std::move(lexicons)) {}

  absl::StatusOr<std::shared_ptr<const Policy>> Read() const;
  void Adopt(std::shared_ptr<const Policy> policy);

  const std::string path_;
  const LexiconFolder lexicons_;
  mutable Mutex mutex_;
  std::shared_ptr<const Policy> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_POLICY_FILE_H_
