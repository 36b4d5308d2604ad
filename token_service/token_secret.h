#ifndef TOKEN_SERVICE_TOKEN_SECRET_H_
#define TOKEN_SERVICE_TOKEN_SECRET_H_

#include <optional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/token_digest.h"
#include "token_service/base/random.h"

namespace tokens {

// The text of a token: a prefix such as "dpwt_", 43 base62 characters that hold 256 random bits, and 6 base62
// characters of CRC-32 (IEEE 802.3) over all that precedes. For "dpwt_" it matches ^dpwt_[0-9A-Za-z]{49}$.

// A token fresh from the generator. Cannot be copied, printed or compared; wiped when destroyed.
class TokenSecret {
 public:
  // UNAVAILABLE if `random` fails. `prefix` ends with "_".
  static absl::StatusOr<TokenSecret> Generate(absl::string_view prefix, Random& random);

  TokenSecret(TokenSecret&&) = default;
  TokenSecret& operator=(TokenSecret&&) = default;
  ~TokenSecret();

  // The text, for the one reply that carries it.
  const std::string& Reveal() const { return text_; }

  // What is stored in its place.
  storage::TokenDigest Digest() const;

  friend std::ostream& operator<<(std::ostream&, const TokenSecret&) = delete;

 private:
  explicit TokenSecret(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// A text of a token's shape, as a caller presented it. Views the caller's bytes.
struct PresentedToken {
  absl::string_view prefix;  // With the "_".
  storage::TokenDigest digest;
};

// Checks shape and checksum without looking anything up. Nothing if `text` cannot be a token.
std::optional<PresentedToken> ParsePresentedToken(absl::string_view text);

// SHA-256 of `text`. Thread-safe.
storage::TokenDigest DigestOf(absl::string_view text);

// True for what a policy may use as prefix: 2–12 characters of a-z 0-9, the first a letter, then "_".
bool IsTokenPrefix(absl::string_view prefix);

}  // namespace tokens

#endif  // TOKEN_SERVICE_TOKEN_SECRET_H_
