#ifndef TOKEN_SERVICE_BASE_CLOCK_H_
#define TOKEN_SERVICE_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tokens {

// Wall time. It may step forwards and backwards. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Now, UTC, with microseconds at least.
  virtual absl::Time Now() = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_CLOCK_H_
