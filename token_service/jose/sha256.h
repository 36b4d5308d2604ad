#ifndef TOKEN_SERVICE_JOSE_SHA256_H_
#define TOKEN_SERVICE_JOSE_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tokens {

// SHA-256 of `bytes`: 32 bytes.
std::string Sha256(absl::string_view bytes);

// The first 12 hex digits of it: a name for people, as `sha256sum FILE | cut -c 1-12` prints it.
std::string Sha256Prefix(absl::string_view bytes);

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_SHA256_H_
