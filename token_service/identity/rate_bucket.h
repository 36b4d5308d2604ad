#ifndef TOKEN_SERVICE_IDENTITY_RATE_BUCKET_H_
#define TOKEN_SERVICE_IDENTITY_RATE_BUCKET_H_

#include <algorithm>

#include "absl/time/time.h"

namespace tokens {

// Lets `burst` events pass at once and `per_second` in the long run. Full at first. Not thread-safe. A clock set back
// costs the refill of the time that it jumped over, no more.
class RateBucket {
 public:
  RateBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), left_(burst) {}

  // True if one more may pass at `now`.
  bool Take(absl::Time now) {
    left_ = Left(now);
    filled_at_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

  // How many may pass at `now`, and what there is towards the next.
  double Left(absl::Time now) const {
    const absl::Duration since = std::max(now - filled_at_, absl::ZeroDuration());
    return std::min(burst_, left_ + per_second_ * absl::ToDoubleSeconds(since));
  }

 private:
  const double per_second_;
  const double burst_;
  double left_;
  absl::Time filled_at_ = absl::InfinitePast();
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_RATE_BUCKET_H_
