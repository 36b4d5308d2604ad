#ifndef TOKEN_SERVICE_JOSE_SIGNING_KEY_H_
#define TOKEN_SERVICE_JOSE_SIGNING_KEY_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tokens {

// The curves of atproto, each with the one JWS algorithm it signs with.
enum class KeyCurve {
  kP256,  // ES256
  kK256,  // ES256K
};

// Which values of S a verifier takes. Repository commits and PLC operations are strict; JWTs are not (RFC 7518 asks for
// no low S, and both reference verifiers accept either).
enum class SignatureRule { kLowSOnly, kAnyS };

// An account's public signing key: a checked point on its curve. A value; equal keys compare equal however they were
// written. The formats are those of https://atproto.com/specs/cryptography. Errors never quote the input.
class SigningKey {
 public:
  // From "did:key:z…". INVALID_ARGUMENT if it is not a P-256 or secp256k1 key.
  static absl::StatusOr<SigningKey> FromDidKey(absl::string_view did_key);
  // From `publicKeyMultibase` of a Multikey: "z" + base58btc of codec and compressed point.
  static absl::StatusOr<SigningKey> FromMultikey(absl::string_view multibase);
  // From `publicKeyMultibase` of the legacy suites EcdsaSecp256r1VerificationKey2019 (kP256) and
  // EcdsaSecp256k1VerificationKey2019 (kK256): no codec; a compressed or an uncompressed point.
  static absl::StatusOr<SigningKey> FromLegacyMultibase(KeyCurve curve, absl::string_view multibase);

  // From a JWK's coordinates, big-endian and of 32 bytes each (RFC 7518 §6.2.1). INVALID_ARGUMENT if they are not a
  // point on `curve`.
  static absl::StatusOr<SigningKey> FromCoordinates(KeyCurve curve, absl::string_view x, absl::string_view y);

  KeyCurve curve() const { return curve_; }
  // "ES256" or "ES256K".
  absl::string_view algorithm() const;
  // "did:key:z…", the canonical text.
  std::string ToDidKey() const;

  // True if `signature` is exactly 64 bytes r‖s (never DER) over SHA-256 of `message`, with r and s in [1, n-1].
  // Thread-safe.
  bool Verify(absl::string_view message, absl::string_view signature, SignatureRule rule) const;

  friend bool operator==(const SigningKey&, const SigningKey&) = default;

 private:
  // `point` is compressed (33 bytes) or uncompressed (65). INVALID_ARGUMENT if it is not one, or not on `curve`.
  static absl::StatusOr<SigningKey> FromPoint(KeyCurve curve, absl::string_view point);
  SigningKey(KeyCurve curve, std::string compressed) : curve_(curve), compressed_(std::move(compressed)) {}

  KeyCurve curve_;
  std::string compressed_;  // 33 bytes.
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_SIGNING_KEY_H_
