#include "token_service/jose/base64url.h"

#include "absl/strings/escaping.h"

namespace tokens {

std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string bytes;
  // Abseil's decoder takes padding, white space and stray bits; only canonical text survives the way back.
  if (!absl::WebSafeBase64Unescape(text, &bytes) || absl::WebSafeBase64Escape(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace tokens
