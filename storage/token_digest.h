#ifndef STORAGE_TOKEN_DIGEST_H_
#define STORAGE_TOKEN_DIGEST_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tokens::storage {

// SHA-256 of a token's text: the key of its record. Reveals nothing about the token.
class TokenDigest {
 public:
  static constexpr size_t kSize = 32;

  // All zero; compares equal to no real token.
  TokenDigest() = default;
  explicit TokenDigest(const std::array<uint8_t, kSize>& bytes) : bytes_(bytes) {}

  // Nothing unless `bytes` has exactly kSize bytes.
  static std::optional<TokenDigest> FromBytes(absl::string_view bytes) {
    if (bytes.size() != kSize) return std::nullopt;
    TokenDigest digest;
    std::copy(bytes.begin(), bytes.end(), digest.bytes_.begin());
    return digest;
  }

  // The raw bytes, as used in keys. The view lives as long as this object.
  absl::string_view bytes() const { return absl::string_view(reinterpret_cast<const char*>(bytes_.data()), kSize); }

  friend auto operator<=>(const TokenDigest&, const TokenDigest&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const TokenDigest& digest) {
    return H::combine(std::move(h), digest.bytes_);
  }

 private:
  std::array<uint8_t, kSize> bytes_{};
};

}  // namespace tokens::storage

#endif  // STORAGE_TOKEN_DIGEST_H_
