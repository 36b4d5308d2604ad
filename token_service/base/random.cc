#include "token_service/base/random.h"

#include <openssl/rand.h>

namespace tokens {

absl::Status SystemRandom::Fill(absl::Span<uint8_t> out) {
  if (RAND_priv_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    return absl::UnavailableError("the random generator failed");
  }
  return absl::OkStatus();
}

}  // namespace tokens
