#ifndef TOKEN_SERVICE_REVOCATION_FILE_H_
#define TOKEN_SERVICE_REVOCATION_FILE_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"
#include "token_service/revocation_list.h"

namespace tokens {

// The revocation list in force, and the file it comes from, read again every 10 s by a thread of its own. A new file
// that does not hold changes nothing; what changes, and a list that should have been replaced, is logged once.
// Thread-safe.
class RevocationFile {
 public:
  // Reads and checks the CRLs of `crl_path` against the CA certificates of `ca_path`. An empty `crl_path` means that
  // nothing is revoked. Errors as of RevocationList::Parse and ReadFile. `clock` must outlive this. `reloaded` is told
  // what came of a list that is another than before, or of a new fault, on the thread that reads it.
  using Observer = std::function<void(const absl::Status&)>;
  static absl::StatusOr<std::unique_ptr<RevocationFile>> Open(
      std::string crl_path, std::string ca_path, Clock& clock, Observer reloaded = [](const absl::Status&) {});

  ~RevocationFile();
  RevocationFile(const RevocationFile&) = delete;
  RevocationFile& operator=(const RevocationFile&) = delete;

  // Never null; stays valid while held.
  std::shared_ptr<const RevocationList> Current() const;

  // Reads the files again, as the thread does. On an error, as of Open, the list in force stays.
  absl::Status Reload();

 private:
  RevocationFile(std::string crl_path, std::string ca_path, Clock& clock, Observer reloaded)
      : crl_path_(std::move(crl_path)), ca_path_(std::move(ca_path)), clock_(clock), reloaded_(std::move(reloaded)) {}
  void Run();
  void Report(const absl::Status& status);
  absl::Status Read();

  const std::string crl_path_;
  const std::string ca_path_;
  Clock& clock_;
  const Observer reloaded_;
  Mutex reload_mutex_;  // One Reload at a time.
  absl::Status last_outcome_ ABSL_GUARDED_BY(reload_mutex_);
  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<const RevocationList> current_ ABSL_GUARDED_BY(mutex_) = std::make_shared<RevocationList>();
  std::string reported_;  // What the thread said last.
  std::thread thread_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_REVOCATION_FILE_H_
