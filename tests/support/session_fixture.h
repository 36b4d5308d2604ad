#ifndef TESTS_SUPPORT_SESSION_FIXTURE_H_
#define TESTS_SUPPORT_SESSION_FIXTURE_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_signer.h"
#include "token_service/session_keys.h"

namespace tokens::testing {

// A private key for tests in both forms: the signer, and the private JWK of the same key.
struct TestKey {
  TestSigner signer;
  nlohmann::json private_jwk;
};

// `first_byte` (1 to 127) tells keys apart.
inline TestKey MakeTestKey(KeyCurve curve, char first_byte) {
  std::string scalar(32, '\x11');
  scalar[0] = first_byte;
  TestSigner signer = TestSigner::FromPrivateKey(curve, scalar);
  nlohmann::json jwk = signer.Jwk();
  jwk["d"] = absl::WebSafeBase64Escape(scalar);
  return {std::move(signer), std::move(jwk)};
}

// Key files of a service in a directory of their own: at first one, of P-256, named "one".
class SessionKeysFixture {
 public:
  SessionKeysFixture() : key_(MakeTestKey(KeyCurve::kP256, 1)) {
    key_.private_jwk["kid"] = "one";
    Write("a.jwk", key_.private_jwk);
    files_ = *SessionKeyFiles::Open({directory_ / "a.jwk"});
  }

  void Write(const std::string& name, const nlohmann::json& jwk) { directory_.Write(name, jwk.dump()); }
  SessionKeyFiles& files() { return *files_; }
  const TestSigner& signer() const { return key_.signer; }

 private:
  TempDirectory directory_;
  TestKey key_;
  std::unique_ptr<SessionKeyFiles> files_;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_SESSION_FIXTURE_H_
