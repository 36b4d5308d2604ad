#ifndef TOKEN_SERVICE_JOSE_BASE64URL_H_
#define TOKEN_SERVICE_JOSE_BASE64URL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tokens {

// The bytes of base64url text without padding (RFC 7515 §2). Nothing unless `text` is the one way to write them: no
// padding, no white space, no "+" or "/", no set bits beyond the last byte.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_BASE64URL_H_
