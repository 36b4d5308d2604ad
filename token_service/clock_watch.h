#ifndef TOKEN_SERVICE_CLOCK_WATCH_H_
#define TOKEN_SERVICE_CLOCK_WATCH_H_

#include <optional>

#include "absl/time/time.h"

namespace tokens {

// Judges whether the wall clock can be trusted with something that cannot be undone: forgetting tokens. It can once it
// has kept step with the steady clock for an hour; a jump (a clock that was wrong at boot, or is now) begins the hour
// anew. Not thread-safe.
class ClockWatch {
 public:
  // Takes a reading of both clocks; `steady` is the time since any fixed start. Returns whether the wall clock can be
  // trusted now.
  bool Observe(absl::Time wall, absl::Duration steady);

 private:
  struct Reading {
    absl::Time wall;
    absl::Duration steady;
  };
  std::optional<Reading> settled_since_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_CLOCK_WATCH_H_
