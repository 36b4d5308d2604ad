#ifndef TOKEN_SERVICE_IDENTITY_FETCH_CACHE_H_
#define TOKEN_SERVICE_IDENTITY_FETCH_CACHE_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"
#include "token_service/identity/lru_map.h"

namespace tokens {

// Keeps what is slow to fetch for a while. Callers who ask for one key at the same time share one fetch. An age is the
// distance between two readings of the clock: a clock set back makes values older, never younger. Thread-safe.
template <typename Value>
class FetchCache {
 public:
  struct Fetched {
    Value value;
    absl::Duration keep_for;  // Zero: for those who wait for it now, nobody else.
  };

  // Holds `capacity` values, at least 1. `longest_wait`: for another caller's fetch, by the real clock. `clock` must
  // outlive this.
  FetchCache(Clock& clock, size_t capacity, absl::Duration longest_wait)
      : clock_(clock), longest_wait_(longest_wait), kept_(capacity) {}

  // The value of `key`, by `fetch` on this thread if it is neither kept nor being fetched. Nothing if another caller's
  // fetch takes too long.
  std::optional<Value> Get(const std::string& key, const std::function<Fetched()>& fetch) {
    std::shared_ptr<Flight> flight;
    {
      const MutexLock lock(mutex_);
      const Kept* kept = kept_.Find(key);
      if (kept != nullptr && absl::AbsDuration(clock_.Now() - kept->since) < kept->keep_for) return kept->value;
      std::shared_ptr<Flight>& under_way = flights_[key];
      if (under_way != nullptr) return WaitFor(std::shared_ptr<Flight>(under_way));
      under_way = std::make_shared<Flight>();
      flight = under_way;
    }
    Fetched fetched = fetch();
    const MutexLock lock(mutex_);
    if (fetched.keep_for > absl::ZeroDuration()) {
      kept_.Put(key, Kept{fetched.value, clock_.Now(), fetched.keep_for});
    } else {
      kept_.Erase(key);
    }
    flights_.erase(key);
    flight->result = fetched.value;
    flight->landed.NotifyAll();
    return std::move(fetched.value);
  }

 private:
  struct Kept {
    Value value;
    absl::Time since;
    absl::Duration keep_for;
  };
  // A fetch under way and those who wait for it.
  struct Flight {
    CondVar landed;
    std::optional<Value> result;  // Guarded by mutex_.
  };

  std::optional<Value> WaitFor(const std::shared_ptr<Flight>& flight) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(longest_wait_);
    while (!flight->result.has_value() && std::chrono::steady_clock::now() < deadline) {
      flight->landed.WaitUntil(mutex_, deadline);
    }
    return flight->result;
  }

  Clock& clock_;
  const absl::Duration longest_wait_;
  Mutex mutex_;
  LruMap<Kept> kept_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_FETCH_CACHE_H_
