#include "token_service/jose/sha256.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"

namespace tokens {

std::string Sha256(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Sha256Prefix(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)).substr(0, 12); }

}  // namespace tokens
