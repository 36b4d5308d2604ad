#include "token_service/jose/jwk.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "tests/support/test_signer.h"
#include "token_service/jose/jwk_set.h"

namespace tokens {
namespace {

using nlohmann::json;
using testing::TestSigner;

TEST(Jwk, BothCurvesGiveTheKeyThatSigned) {
  for (const KeyCurve curve : {KeyCurve::kP256, KeyCurve::kK256}) {
    const TestSigner signer = TestSigner::Generate(curve);
    const auto jwk = ParsePublicJwk(signer.Jwk());
    ASSERT_TRUE(jwk.ok()) << jwk.status();
    EXPECT_EQ(jwk->key.ToDidKey(), signer.DidKey());
    EXPECT_TRUE(jwk->key.Verify("message", signer.Sign("message"), SignatureRule::kAnyS));
  }
}

TEST(Jwk, TheThumbprintIsThatOfRfc9449) {
  const json key = {{"kty", "EC"},
                    {"x", "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"},
                    {"y", "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"},
                    {"crv", "P-256"}};
  EXPECT_EQ(ParsePublicJwk(key)->thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
  json with_more = key;
  with_more["kid"] = "1";
  with_more["use"] = "sig";
  with_more["alg"] = "ES256";
  with_more["key_ops"] = {"verify"};
  EXPECT_EQ(ParsePublicJwk(with_more)->thumbprint, ParsePublicJwk(key)->thumbprint);
}

TEST(Jwk, WhatIsNotAPublicSigningKeyIsRefused) {
  const TestSigner signer = TestSigner::Generate(KeyCurve::kP256);
  const std::string x = signer.Jwk()["x"];
  const struct {
    const char* member;
    json value;  // Null: taken away.
  } cases[] = {
      {"kty", nullptr},      {"kty", "RSA"},        {"kty", "OKP"}, {"crv", nullptr}, {"crv", "P-384"},
      {"crv", "p-256"},      {"crv", "secp256k1"},                             // not on that curve
      {"x", nullptr},        {"y", nullptr},        {"x", 7},       {"y", x},  // not on the curve
      {"x", x + "="},        {"x", x + "AAAA"},     {"x", ""},      {"d", x},         {"d", 1},
      {"k", "AAAA"},         {"p", "AAAA"},         {"use", "enc"}, {"use", 1},       {"alg", "ES256K"},
      {"key_ops", "verify"}, {"key_ops", {"sign"}},
  };
  for (const auto& row : cases) {
    json jwk = signer.Jwk();
    if (row.value.is_null()) {
      jwk.erase(row.member);
    } else {
      jwk[row.member] = row.value;
    }
    EXPECT_FALSE(ParsePublicJwk(jwk).ok()) << row.member << " " << row.value;
  }
  EXPECT_FALSE(ParsePublicJwk(json("text")).ok());
  EXPECT_FALSE(ParsePublicJwk(json::array()).ok());
}

json Named(const char* kid, json jwk) {
  jwk["kid"] = kid;
  return jwk;
}
json Set(json keys) { return {{"keys", std::move(keys)}}; }

TEST(JwkSet, FindsAKeyByItsName) {
  const TestSigner one = TestSigner::Generate(KeyCurve::kP256);
  const TestSigner two = TestSigner::Generate(KeyCurve::kK256);
  const json rsa = {{"kty", "RSA"}, {"kid", "rsa"}, {"n", "AAAA"}, {"e", "AQAB"}};
  const auto set = JwkSet::Parse(Set({Named("1", one.Jwk()), rsa, Named("2", two.Jwk()), one.Jwk()}).dump());
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->Find("1")->ToDidKey(), one.DidKey());
  EXPECT_EQ(set->Find("2")->ToDidKey(), two.DidKey());
  EXPECT_EQ(set->Find("rsa"), nullptr);
  EXPECT_EQ(set->Find(""), nullptr);
}

TEST(JwkSet, ABadSetIsRefused) {
  const json key = TestSigner::Generate(KeyCurve::kP256).Jwk();
  json many = json::array();
  for (int i = 0; i < 65; ++i) many.push_back(Named(std::to_string(i).c_str(), key));
  json private_key = Named("2", key);
  private_key["d"] = "AAAA";
  const json symmetric = {{"kty", "oct"}, {"kid", "2"}, {"k", "AAAA"}};
  for (const json& bad : {json("x"), json::array(), json::object(), Set("x"), Set(json::array()), Set({key}), Set(many),
                          Set({Named("1", key), Named("1", key)}), Set({Named("1", key), private_key}),
                          Set({Named("1", key), symmetric})}) {
    EXPECT_FALSE(JwkSet::Parse(bad.dump()).ok()) << bad;
  }
  EXPECT_FALSE(JwkSet::Parse("not JSON").ok());
  EXPECT_FALSE(JwkSet::Parse(Set({Named("1", key)}).dump() + std::string(64 * 1024, ' ')).ok());
}

}  // namespace
}  // namespace tokens
