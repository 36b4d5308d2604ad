#ifndef TOKEN_SERVICE_IDENTITY_CLIENT_DIRECTORY_H_
#define TOKEN_SERVICE_IDENTITY_CLIENT_DIRECTORY_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"
#include "token_service/identity/client_examination.h"
#include "token_service/identity/client_metadata.h"
#include "token_service/identity/lru_map.h"

namespace tokens {

// What is remembered of a client. A value.
struct ClientSummary {
  ClientType type = ClientType::kPublic;
  std::string name;  // Fit to be shown, or empty; nobody vouches for it.
};

struct ClientDirectoryOptions {
  absl::Duration fresh_for = absl::Minutes(10);     // How long a client is taken for what it was found to be,
  absl::Duration rejected_for = absl::Minutes(1);   // is taken to break the rule that it broke,
  absl::Duration outage_for = absl::Seconds(10);    // and is left alone after it could not be asked.
  absl::Duration longest_wait = absl::Seconds(20);  // For another caller's examination, by the real clock.
  size_t max_clients = 10'000;                      // Up to 2.5 KB each,
  size_t max_failures = 1'000;  // and these of their own, lest made-up clients drive the real ones out.
};

// A cache over ExamineClient. Callers who ask for one client at the same time share one examination. An age is the
// distance between two readings of the clock, whichever way it went: a clock set back makes knowledge older, never
// younger. Thread-safe; may block for as long as two fetches take.
class ClientDirectory {
 public:
  // `clock` must outlive this, and so must whatever `get` refers to.
  ClientDirectory(GetJson get, Clock& clock, const ClientDirectoryOptions& options);

  // Errors as ExamineClient says.
  absl::StatusOr<ClientSummary> Find(const std::string& client_id);

  // The same, for whom only the type matters.
  absl::StatusOr<ClientType> TypeOf(const std::string& client_id);

 private:
  using Answer = absl::StatusOr<ClientSummary>;
  struct Known {
    ClientSummary summary;
    absl::Time at;
  };
  struct Failure {
    absl::Status status;
    absl::Time at;
  };
  // An examination under way and those who wait for it.
  struct Flight {
    CondVar landed;
    std::optional<Answer> answer;  // Guarded by mutex_.
  };

  std::optional<Answer> AnswerCached(const std::string& client_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Answer WaitFor(const std::shared_ptr<Flight>& flight) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Examines for a flight already in flights_, remembers what came and tells those who wait.
  Answer Fly(const std::string& client_id, const std::shared_ptr<Flight>& flight) ABSL_LOCKS_EXCLUDED(mutex_);

  const GetJson get_;
  Clock& clock_;
  const ClientDirectoryOptions options_;
  Mutex mutex_;
  LruMap<Known> known_ ABSL_GUARDED_BY(mutex_);
  LruMap<Failure> failures_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_CLIENT_DIRECTORY_H_
