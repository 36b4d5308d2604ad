#ifndef TOKEN_SERVICE_JOSE_JWK_H_
#define TOKEN_SERVICE_JOSE_JWK_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "token_service/jose/signing_key.h"

namespace tokens {

// A public key that came as a JSON Web Key. A value.
struct PublicJwk {
  SigningKey key;
  std::string thumbprint;  // RFC 7638 with SHA-256, base64url: what `cnf.jkt` says of a key.
};

// True if `jwk` has a member that belongs to a private or a symmetric key (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
bool HasPrivatePart(const nlohmann::json& jwk);

// Reads a public EC key on P-256 or secp256k1 (RFC 7517, RFC 7518 §6.2.1, RFC 8812 §3.1). INVALID_ARGUMENT if `jwk` is
// not one, has a private part, or says by `use`, `key_ops` or `alg` that it does not verify signatures of its curve.
// Errors never quote the key.
absl::StatusOr<PublicJwk> ParsePublicJwk(const nlohmann::json& jwk);

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_JWK_H_
