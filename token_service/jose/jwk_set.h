#ifndef TOKEN_SERVICE_JOSE_JWK_SET_H_
#define TOKEN_SERVICE_JOSE_JWK_SET_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/jose/signing_key.h"

namespace tokens {

// An issuer's public keys by `kid`. A value.
class JwkSet {
 public:
  // Reads a JWK set (RFC 7517 §5). A key of another kind, or without a `kid`, is passed over, as §5 asks for.
  // INVALID_ARGUMENT if `json` is over 64 KiB, is not a JWK set, has no usable key, more than 64 keys, a `kid` twice,
  // or a key with its private part: whose private key is published is not to be trusted.
  static absl::StatusOr<JwkSet> Parse(absl::string_view json);

  // Good as long as this is; null if there is none.
  const SigningKey* Find(const std::string& kid) const;

 private:
  std::map<std::string, SigningKey> keys_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_JWK_SET_H_
