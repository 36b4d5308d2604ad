#include "token_service/jose/private_key.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/support/session_fixture.h"
#include "token_service/jose/jwk.h"

namespace tokens {
namespace {

using testing::MakeTestKey;
using testing::TestKey;

constexpr KeyCurve kCurves[] = {KeyCurve::kP256, KeyCurve::kK256};

// A fresh key as `openssl genpkey` writes it ("PRIVATE KEY"), or as `openssl ecparam` does ("EC PRIVATE KEY").
std::string MakePem(const char* group, bool traditional, const char* passphrase = nullptr) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen(group), EVP_PKEY_free);
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  const EVP_CIPHER* cipher = passphrase == nullptr ? nullptr : EVP_aes_128_cbc();
  const auto* text = reinterpret_cast<const unsigned char*>(passphrase);
  const int length = passphrase == nullptr ? 0 : static_cast<int>(std::string(passphrase).size());
  const int written =
      traditional ? PEM_write_bio_PrivateKey_traditional(bio.get(), key.get(), cipher, const_cast<unsigned char*>(text),
                                                         length, nullptr, nullptr)
                  : PEM_write_bio_PrivateKey(bio.get(), key.get(), cipher, const_cast<unsigned char*>(text), length,
                                             nullptr, nullptr);
  EXPECT_EQ(written, 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

TEST(PrivateKeyTest, SignsWhatItsPublicHalfChecksWithALowS) {
  for (const KeyCurve curve : kCurves) {
    const absl::StatusOr<PrivateKey> key = PrivateKey::Parse(MakeTestKey(curve, 7).private_jwk.dump());
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->public_key().curve(), curve);
    // Half of all signatures would have a high S.
    for (int i = 0; i < 32; ++i) {
      const std::string message = "message " + std::to_string(i);
      const absl::StatusOr<std::string> signature = key->Sign(message);
      ASSERT_TRUE(signature.ok()) << signature.status();
      EXPECT_EQ(signature->size(), 64u);
      EXPECT_TRUE(key->public_key().Verify(message, *signature, SignatureRule::kLowSOnly)) << message;
      EXPECT_FALSE(key->public_key().Verify(message + ".", *signature, SignatureRule::kAnyS));
    }
  }
}

TEST(PrivateKeyTest, ReadsPemAsOpensslWritesIt) {
  for (const bool traditional : {false, true}) {
    for (const char* group : {"P-256", "secp256k1"}) {
      const absl::StatusOr<PrivateKey> key = PrivateKey::Parse(MakePem(group, traditional));
      ASSERT_TRUE(key.ok()) << group << traditional << key.status();
      EXPECT_EQ(key->public_key().algorithm(), std::string(group) == "P-256" ? "ES256" : "ES256K");
      EXPECT_TRUE(key->public_key().Verify("m", *key->Sign("m"), SignatureRule::kLowSOnly));
    }
  }
}

TEST(PrivateKeyTest, ThePublicJwkTellsAlgorithmUseAndKidAndNothingPrivate) {
  TestKey test = MakeTestKey(KeyCurve::kK256, 7);
  const absl::StatusOr<PrivateKey> unnamed = PrivateKey::Parse(test.private_jwk.dump());
  ASSERT_TRUE(unnamed.ok());
  const absl::StatusOr<PublicJwk> published = ParsePublicJwk(unnamed->public_jwk());
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_FALSE(HasPrivatePart(unnamed->public_jwk()));
  EXPECT_EQ(published->key, unnamed->public_key());
  EXPECT_EQ(unnamed->kid(), published->thumbprint);
  EXPECT_EQ(unnamed->public_jwk()["kid"], published->thumbprint);
  EXPECT_EQ(unnamed->public_jwk()["alg"], "ES256K");
  EXPECT_EQ(unnamed->public_jwk()["use"], "sig");
  EXPECT_EQ(unnamed->public_jwk()["x"], test.signer.Jwk()["x"]);
  EXPECT_EQ(unnamed->public_jwk()["y"], test.signer.Jwk()["y"]);
  test.private_jwk["kid"] = "name";
  test.private_jwk["key_ops"] = {"sign"};
  const absl::StatusOr<PrivateKey> named = PrivateKey::Parse(test.private_jwk.dump());
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->kid(), "name");
}

TEST(PrivateKeyTest, WhatIsNoUsableKeyIsInvalidAndTheErrorQuotesNothingOfIt) {
  const nlohmann::json good = MakeTestKey(KeyCurve::kP256, 7).private_jwk;
  const auto changed = [&](const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json jwk = good;
    change(jwk);
    return jwk.dump();
  };
  const std::string order_p256 =
      absl::HexStringToBytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const std::vector<std::string> bad = {
      "",
      "garbage",
      "{",
      "{}",
      MakePem("P-384", false),
      MakePem("P-256", false, "passphrase"),
      MakePem("P-256", true, "passphrase"),
      changed([](nlohmann::json& jwk) { jwk.erase("d"); }),
      changed([](nlohmann::json& jwk) { jwk["d"] = "AA"; }),
      changed([](nlohmann::json& jwk) { jwk["d"] = absl::WebSafeBase64Escape(std::string(32, '\0')); }),
      changed([&](nlohmann::json& jwk) { jwk["d"] = absl::WebSafeBase64Escape(order_p256); }),
      changed([](nlohmann::json& jwk) { jwk["d"] = absl::WebSafeBase64Escape(std::string(32, '\x22')); }),
      changed([](nlohmann::json& jwk) { jwk["crv"] = "secp256k1"; }),
      changed([](nlohmann::json& jwk) { jwk["alg"] = "ES256K"; }),
      changed([](nlohmann::json& jwk) { jwk["use"] = "enc"; }),
      changed([](nlohmann::json& jwk) { jwk["key_ops"] = {"verify"}; }),
      changed([](nlohmann::json& jwk) { jwk["kid"] = ""; }),
      changed([](nlohmann::json& jwk) { jwk["kid"] = 1; }),
      std::string(17 << 10, 'x')};
  for (size_t i = 0; i < bad.size(); ++i) {
    const absl::Status status = PrivateKey::Parse(bad[i]).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << i;
    EXPECT_EQ(std::string(status.message()).find(good["d"].get<std::string>()), std::string::npos) << i;
  }
}

}  // namespace
}  // namespace tokens
