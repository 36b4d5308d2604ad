#include "token_service/base/did.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "token_service/base/dns_label.h"

namespace tokens {
namespace {

constexpr size_t kMaxDidBytes = 2048;
constexpr size_t kMaxHandleBytes = 253;
constexpr size_t kPlcIdentifierBytes = 24;

bool IsIdentifierChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("._:%-").find(c) != absl::string_view::npos;
}

bool IsBase32Char(char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); }

// Decimal, 1 to 65535, as a URL parser would print it: no sign, no leading zero.
bool IsPort(absl::string_view text) {
  if (text.size() > 5 || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) return false;
  int32_t port = 0;
  return absl::SimpleAtoi(text, &port) && text.front() != '0' && port <= 65535;
}

}  // namespace

bool IsValidDid(absl::string_view text) {
  if (text.size() > kMaxDidBytes || !absl::ConsumePrefix(&text, "did:")) return false;
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  const absl::string_view method = text.substr(0, colon);
  const absl::string_view identifier = text.substr(colon + 1);
  if (!std::all_of(method.begin(), method.end(), absl::ascii_islower)) return false;
  if (identifier.empty() || identifier.back() == ':' || identifier.back() == '%') return false;
  return std::all_of(identifier.begin(), identifier.end(), IsIdentifierChar);
}

bool IsAtprotoDid(absl::string_view text) {
  if (text.size() > kMaxDidBytes) return false;
  if (absl::ConsumePrefix(&text, "did:plc:")) {
    return text.size() == kPlcIdentifierBytes && std::all_of(text.begin(), text.end(), IsBase32Char);
  }
  if (!absl::ConsumePrefix(&text, "did:web:")) return false;
  if (text == "localhost") return true;
  if (absl::ConsumePrefix(&text, "localhost%3A")) return IsPort(text);
  return IsValidHandle(text);
}

bool IsValidHandle(absl::string_view text) {
  if (text.size() > kMaxHandleBytes) return false;
  bool has_dot = false;
  for (size_t dot = text.find('.'); dot != absl::string_view::npos; dot = text.find('.')) {
    if (!IsDnsLabel(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
    has_dot = true;
  }
  return has_dot && IsAlphaDnsLabel(text);
}

}  // namespace tokens
