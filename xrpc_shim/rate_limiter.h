#ifndef XRPC_SHIM_RATE_LIMITER_H_
#define XRPC_SHIM_RATE_LIMITER_H_

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "token_service/base/mutex.h"
#include "token_service/identity/lru_map.h"
#include "token_service/identity/rate_bucket.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// So many requests at once, and per window in the long run.
struct RateLimit {
  int requests;
  absl::Duration window;

  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

// What is left of a limit to one key.
struct RateReport {
  bool allowed;
  RateLimit limit;
  int remaining;
  absl::Time reset;            // When all of it is there again if no request comes.
  absl::Duration retry_after;  // Until the next request may pass.
};

// The RateLimit-* fields of `report` as the reference server writes them (@atproto/xrpc-server): RateLimit-Reset is an
// instant in UNIX seconds, and Retry-After, only where `report` does not allow, a number of seconds.
HttpHeaders RateHeaders(const RateReport& report);

// A token bucket per key. Forgets the keys that were not seen for longest beyond `capacity`, which then have the whole
// limit again: choose it so large that nobody has as many keys. Thread-safe.
class RateLimiter {
 public:
  RateLimiter(RateLimit limit, size_t capacity);

  // From now on this limit. If it is another one, every key has the whole of it.
  void SetLimit(RateLimit limit);

  // Counts one request of `key`, unless the report does not allow it.
  RateReport Take(const std::string& key, absl::Time now);

  // The same without counting one.
  RateReport Look(const std::string& key, absl::Time now);

 private:
  RateReport ReportOf(bool allowed, double left, absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  RateBucket& BucketOf(const std::string& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  RateLimit limit_ ABSL_GUARDED_BY(mutex_);
  LruMap<RateBucket> buckets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_RATE_LIMITER_H_
