#ifndef TOKEN_SERVICE_IDENTITY_DID_RESOLVER_H_
#define TOKEN_SERVICE_IDENTITY_DID_RESOLVER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"
#include "token_service/identity/did_document.h"
#include "token_service/identity/lru_map.h"
#include "token_service/identity/rate_bucket.h"

namespace tokens {

// How much age of a cached document the caller takes.
enum class Freshness {
  kCached,  // Within the cache's rules.
  kForced,  // Fetch again, unless this DID was fetched moments ago (throttled); for a signature that does not fit.
};

// Finds an account's DID document. Thread-safe; may block for as long as a fetch may take.
// NOT_FOUND: there is no such DID, or its document is of no use: the account cannot sign in.
// UNAVAILABLE or DEADLINE_EXCEEDED: could not tell; the directory is at fault, or too many look-ups are under way.
using ResolveDid = std::function<absl::StatusOr<DidDocument>(const std::string& did, Freshness freshness)>;

// Fetches the bytes of a DID document, with the errors of DidSource::Fetch. Thread-safe; blocks for a bounded time.
using FetchDid = std::function<absl::StatusOr<std::string>(const std::string& did)>;

// How a question was answered: by a cached document, young or old; by one fetched for it; there is no such DID; could
// not tell.
enum class DidOutcome { kFresh, kStale, kFetched, kAbsent, kFailed };

struct DidResolverOptions {
  absl::Duration fresh_for = absl::Minutes(10);  // A document younger than this is given without a thought.
  absl::Duration usable_for = absl::Hours(24);   // Younger than this: given, and fetched again for the next caller.
  absl::Duration absent_for = absl::Minutes(1);  // How long "no such DID" is believed.
  absl::Duration refetch_interval = absl::Seconds(10);  // Least time between two fetches for a DID we have.
  double forced_per_second = 5;                         // Forced fetches of all DIDs together,
  double forced_burst = 50;                             // and how many of them at once.
  absl::Duration longest_wait = absl::Seconds(5);       // For another caller's fetch, by the real clock.
  size_t max_documents = 100'000;                       // Some 400 bytes each, 2 KiB at most.
  size_t max_absent = 10'000;                           // Of their own, lest made-up DIDs drive the real ones out.
  size_t max_queued = 1'000;                            // Documents waiting for a refresh.
  // Told of each Resolve, on its thread. Must not block.
  std::function<void(DidOutcome)> resolved = [](DidOutcome) {};
};

// A cache over FetchDid that is the ResolveDid of production. Callers who ask for one DID at the same time share one
// fetch. A fetch that fails is not remembered where nothing is known of the DID; an old document stays usable.
// An age is the distance between two readings of the clock, whichever way it went: a clock set back makes documents
// older, never younger. Thread-safe.
class DidResolver {
 public:
  // `clock` must outlive this, and so must whatever `fetch` refers to.
  DidResolver(FetchDid fetch, Clock& clock, const DidResolverOptions& options);

  // As ResolveDid says. A throttled kForced gets what the last fetch brought, be it an error.
  absl::StatusOr<DidDocument> Resolve(const std::string& did, Freshness freshness);

  // Fetches again, on this thread, what is queued for it now. Returns how many fetches that took.
  int RefreshQueued();

  // The same whenever there is something queued, until Stop; see DidRefresher.
  void RefreshUntilStopped();
  void Stop();

 private:
  struct Known {
    DidDocument document;
    absl::Time fetched_at;
    absl::Time tried_at;    // The last fetch, successful or not,
    absl::Status last_try;  // and what became of it.
    bool queued = false;    // For a refresh.
  };
  // A fetch under way and those who wait for it.
  struct Flight {
    CondVar landed;
    std::optional<absl::StatusOr<DidDocument>> result;  // Guarded by mutex_.
  };
  using Answer = absl::StatusOr<DidDocument>;

  // Resolve, telling how.
  Answer Find(const std::string& did, Freshness freshness, DidOutcome* outcome) ABSL_LOCKS_EXCLUDED(mutex_);
  // What can be said without a fetch, if anything.
  std::optional<Answer> AnswerCached(const std::string& did, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<Answer> AnswerForced(const std::string& did, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsStale(const std::string& did, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void QueueRefresh(const std::string& did, Known& known, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Answer WaitFor(const std::shared_ptr<Flight>& flight) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Fetches for a flight already in flights_, remembers what came and tells those who wait.
  Answer Fly(const std::string& did, const std::shared_ptr<Flight>& flight) ABSL_LOCKS_EXCLUDED(mutex_);
  Answer FetchAndParse(const std::string& did) const;
  void Remember(const std::string& did, const Answer& answer, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes the next queued DID; nothing if there is none.
  std::optional<std::string> NextQueued() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Refresh(const std::string& did) ABSL_LOCKS_EXCLUDED(mutex_);

  const FetchDid fetch_;
  Clock& clock_;
  const DidResolverOptions options_;
  Mutex mutex_;
  LruMap<Known> known_ ABSL_GUARDED_BY(mutex_);
  LruMap<absl::Time> absent_ ABSL_GUARDED_BY(mutex_);  // When the DID was found not to exist.
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_ ABSL_GUARDED_BY(mutex_);
  RateBucket forced_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  CondVar queue_changed_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_DID_RESOLVER_H_
