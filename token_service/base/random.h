#ifndef TOKEN_SERVICE_BASE_RANDOM_H_
#define TOKEN_SERVICE_BASE_RANDOM_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace tokens {

// Source of secret random bytes. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with unpredictable bytes. UNAVAILABLE if the generator failed; `out` must not be used then.
  [[nodiscard]] virtual absl::Status Fill(absl::Span<uint8_t> out) = 0;
};

// OpenSSL's generator for private values (RAND_priv_bytes).
class SystemRandom final : public Random {
 public:
  absl::Status Fill(absl::Span<uint8_t> out) override;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_RANDOM_H_
