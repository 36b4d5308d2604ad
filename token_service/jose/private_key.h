#ifndef TOKEN_SERVICE_JOSE_PRIVATE_KEY_H_
#define TOKEN_SERVICE_JOSE_PRIVATE_KEY_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/jose/signing_key.h"

namespace tokens {

// A private key on P-256 or secp256k1 that signs JWTs of ours. Move-only; cannot be printed; its bytes are wiped when
// it is destroyed, those that reading a JWK or a file left behind are not. Thread-safe. Errors never quote the key.
class PrivateKey {
 public:
  // From the text of a file: PEM ("EC PRIVATE KEY" or "PRIVATE KEY", not encrypted), or, if it begins with "{", a
  // private JWK (RFC 7517; RFC 7518 §6.2.2). INVALID_ARGUMENT if it is neither, is on another curve, its public half
  // does not belong to its private one, or it says by `use`, `key_ops` or `alg` that it does not sign.
  static absl::StatusOr<PrivateKey> Parse(absl::string_view text);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  // The public half, which checks what Sign made.
  const SigningKey& public_key() const { return public_key_; }
  // The JWK's own `kid`, or else the RFC 7638 thumbprint.
  const std::string& kid() const { return kid_; }
  // The public half as a JWK with `kid`, `alg` and `use`.
  const nlohmann::json& public_jwk() const { return public_jwk_; }

  // 64 bytes r‖s with a low S over SHA-256 of `message`, deterministic on secp256k1 (RFC 6979). INTERNAL if the library
  // fails.
  absl::StatusOr<std::string> Sign(absl::string_view message) const;

 private:
  class Signer;

  PrivateKey(SigningKey public_key, std::string kid, nlohmann::json public_jwk, std::unique_ptr<const Signer> signer);
  static absl::StatusOr<PrivateKey> FromScalar(KeyCurve curve, absl::string_view scalar, std::string kid);
  static absl::StatusOr<PrivateKey> FromPem(absl::string_view pem);
  static absl::StatusOr<PrivateKey> FromJwk(absl::string_view text);

  SigningKey public_key_;
  std::string kid_;
  nlohmann::json public_jwk_;
  std::unique_ptr<const Signer> signer_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_PRIVATE_KEY_H_
