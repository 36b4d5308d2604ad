#include "token_service/base/utf8.h"

#include <cstddef>

namespace tokens {
namespace {

struct Sequence {
  size_t length;  // 0 if no character begins with this byte.
  unsigned char second_low;
  unsigned char second_high;
};

// What may follow a first byte; further bytes are 80–BF.
Sequence SequenceOf(unsigned char first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xc2) return {0, 0, 0};
  if (first < 0xe0) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first < 0xf0) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first < 0xf4) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const Sequence sequence = SequenceOf(static_cast<unsigned char>(text[0]));
    if (sequence.length == 0 || sequence.length > text.size()) return false;
    for (size_t i = 1; i < sequence.length; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      const unsigned char low = i == 1 ? sequence.second_low : 0x80;
      const unsigned char high = i == 1 ? sequence.second_high : 0xbf;
      if (byte < low || byte > high) return false;
    }
    text.remove_prefix(sequence.length);
  }
  return true;
}

bool HasControlCharacter(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) return true;
    if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace tokens
