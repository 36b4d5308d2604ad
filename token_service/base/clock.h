#ifndef TOKEN_SERVICE_BASE_CLOCK_H_
#define TOKEN_SERVICE_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tokens {

// Wall time. It may step forwards and backwards. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Now, UTC, in whole microseconds (what a store keeps).
  virtual absl::Time Now() = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() override { return absl::FromUnixMicros(absl::ToUnixMicros(absl::Now())); }
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_CLOCK_H_
