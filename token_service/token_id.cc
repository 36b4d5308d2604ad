#include "token_service/token_id.h"

#include "absl/strings/escaping.h"

namespace tokens {
namespace {

constexpr size_t kIdBytes = 16;

}  // namespace

std::string TokenIdOf(const storage::TokenDigest& digest) {
  return absl::BytesToHexString(digest.bytes().substr(0, kIdBytes));
}

std::optional<std::string> ParseTokenId(absl::string_view token_id) {
  if (token_id.size() != 2 * kIdBytes) return std::nullopt;
  for (const char c : token_id) {
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return std::nullopt;
  }
  return absl::HexStringToBytes(token_id);
}

}  // namespace tokens
