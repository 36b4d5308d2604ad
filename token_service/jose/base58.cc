#include "token_service/jose/base58.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tokens {
namespace {

constexpr absl::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

// number = number * factor + carry, for a number in digits of `base`, least significant first.
void MultiplyAndAdd(std::vector<uint8_t>& number, uint32_t base, uint32_t factor, uint32_t carry) {
  for (uint8_t& digit : number) {
    carry += digit * factor;
    digit = static_cast<uint8_t>(carry % base);
    carry /= base;
  }
  for (; carry > 0; carry /= base) number.push_back(static_cast<uint8_t>(carry % base));
}

size_t CountLeading(absl::string_view text, char c) {
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), [c](char d) { return d != c; }) - text.begin());
}

}  // namespace

std::optional<std::string> DecodeBase58(absl::string_view text) {
  if (text.size() > kMaxBase58Chars) return std::nullopt;
  std::vector<uint8_t> number;
  for (const char c : text) {
    const size_t digit = kAlphabet.find(c);
    if (digit == absl::string_view::npos) return std::nullopt;
    MultiplyAndAdd(number, 256, 58, static_cast<uint32_t>(digit));
  }
  // Each leading zero byte is written as one leading "1".
  std::string bytes(CountLeading(text, kAlphabet.front()), '\0');
  bytes.append(number.rbegin(), number.rend());
  return bytes;
}

std::string EncodeBase58(absl::string_view bytes) {
  std::vector<uint8_t> number;
  for (const char c : bytes) MultiplyAndAdd(number, 58, 256, static_cast<uint8_t>(c));
  std::string text(CountLeading(bytes, '\0'), kAlphabet.front());
  for (auto digit = number.rbegin(); digit != number.rend(); ++digit) text.push_back(kAlphabet[*digit]);
  return text;
}

}  // namespace tokens
