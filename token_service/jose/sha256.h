#ifndef TOKEN_SERVICE_JOSE_SHA256_H_
#define TOKEN_SERVICE_JOSE_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tokens {

// SHA-256 of `bytes`: 32 bytes.
std::string Sha256(absl::string_view bytes);

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_SHA256_H_
