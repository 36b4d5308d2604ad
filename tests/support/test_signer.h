#ifndef TESTS_SUPPORT_TEST_SIGNER_H_
#define TESTS_SUPPORT_TEST_SIGNER_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "token_service/jose/signing_key.h"

namespace tokens::testing {

// How a DID document writes a public key.
enum class KeyForm { kMultikey, kLegacyCompressed, kLegacyUncompressed };

// An account's private key, for tests. Signs by OpenSSL on both curves, so on secp256k1 it is another implementation
// than the verifier's. A value. Aborts if OpenSSL fails.
class TestSigner {
 public:
  static TestSigner Generate(KeyCurve curve);
  // `private_key`: 32 bytes, big-endian, in [1, n-1].
  static TestSigner FromPrivateKey(KeyCurve curve, absl::string_view private_key);

  // "ES256" or "ES256K".
  std::string algorithm() const;
  // "did:key:z…".
  std::string DidKey() const;
  // `publicKeyMultibase`.
  std::string Multibase(KeyForm form) const;
  // The public JWK, without `kid`.
  nlohmann::json Jwk() const;
  // The point, 65 bytes beginning with 04.
  const std::string& point() const { return point_; }

  // Signatures over SHA-256 of `message`: 64 bytes r‖s with a low S, the same with the high S, and DER.
  std::string Sign(absl::string_view message) const;
  std::string SignHighS(absl::string_view message) const;
  std::string SignDer(absl::string_view message) const;

 private:
  TestSigner(KeyCurve curve, std::string private_key, std::string point);

  KeyCurve curve_;
  std::string private_key_;
  std::string point_;
};

// The DID document of an account whose #atproto key is `signer`'s, as a directory would serve it.
nlohmann::json MakeDidDocument(absl::string_view did, const TestSigner& signer, KeyForm form = KeyForm::kMultikey);

// A JWT with `header` and `payload` exactly as given, which need not be JSON.
std::string MakeJwt(const TestSigner& signer, absl::string_view header, absl::string_view payload);

// The same with the usual header {"typ":"JWT","alg":…}.
std::string MakeJwt(const TestSigner& signer, const nlohmann::json& payload);

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_TEST_SIGNER_H_
