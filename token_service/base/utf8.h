#ifndef TOKEN_SERVICE_BASE_UTF8_H_
#define TOKEN_SERVICE_BASE_UTF8_H_

#include "absl/strings/string_view.h"

namespace tokens {

// True for well-formed UTF-8 (RFC 3629 §4): nothing overlong, no surrogates, nothing over U+10FFFF.
bool IsUtf8(absl::string_view text);

// True if `text`, which is UTF-8, has a control character: C0, DEL or C1. What people are shown of strangers has none.
bool HasControlCharacter(absl::string_view text);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_UTF8_H_
