#ifndef TOKEN_SERVICE_JOSE_BASE58_H_
#define TOKEN_SERVICE_JOSE_BASE58_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tokens {

// base58btc, the encoding of keys in DID documents (https://datatracker.ietf.org/doc/html/draft-msporny-base58).
// The work grows with the square of the length, hence a limit: long enough for any uncompressed point.
inline constexpr size_t kMaxBase58Chars = 128;

// The bytes of `text`, without a multibase prefix. Nothing if it is longer than kMaxBase58Chars or has a character that
// is not of the alphabet.
std::optional<std::string> DecodeBase58(absl::string_view text);

// `bytes` as text, without a multibase prefix. For short, trusted input such as keys of our own.
std::string EncodeBase58(absl::string_view bytes);

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_BASE58_H_
