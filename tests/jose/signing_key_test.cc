#include "token_service/jose/signing_key.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/support/interop_vectors.h"
#include "tests/support/test_signer.h"
#include "token_service/jose/base58.h"

namespace tokens::testing {
namespace {

constexpr KeyCurve kCurves[] = {KeyCurve::kP256, KeyCurve::kK256};
constexpr KeyForm kForms[] = {KeyForm::kMultikey, KeyForm::kLegacyCompressed, KeyForm::kLegacyUncompressed};
constexpr SignatureRule kRules[] = {SignatureRule::kLowSOnly, SignatureRule::kAnyS};
constexpr char kMessage[] = "header.payload";

std::string Codec(KeyCurve curve) { return curve == KeyCurve::kP256 ? "\x80\x24" : "\xe7\x01"; }

// n, the order of the group, big-endian.
std::string Order(KeyCurve curve) {
  return absl::HexStringToBytes(curve == KeyCurve::kP256
                                    ? "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
                                    : "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
}

// p, the prime of the field, big-endian.
std::string FieldPrime(KeyCurve curve) {
  return absl::HexStringToBytes(curve == KeyCurve::kP256
                                    ? "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
                                    : "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
}

SigningKey KeyOf(const TestSigner& signer) { return SigningKey::FromDidKey(signer.DidKey()).value(); }

class SigningKeyTest : public ::testing::TestWithParam<KeyCurve> {
 protected:
  const KeyCurve curve_ = GetParam();
  const TestSigner signer_ = TestSigner::Generate(curve_);

  absl::StatusOr<SigningKey> Parse(KeyForm form) const {
    const std::string text = signer_.Multibase(form);
    return form == KeyForm::kMultikey ? SigningKey::FromMultikey(text) : SigningKey::FromLegacyMultibase(curve_, text);
  }
};

std::string CurveName(const ::testing::TestParamInfo<KeyCurve>& curve) {
  return curve.param == KeyCurve::kP256 ? "P256" : "K256";
}
INSTANTIATE_TEST_SUITE_P(BothCurves, SigningKeyTest, ::testing::ValuesIn(kCurves), CurveName);

TEST_P(SigningKeyTest, EveryFormOfOneKeyIsTheSameKey) {
  for (const KeyForm form : kForms) {
    const absl::StatusOr<SigningKey> key = Parse(form);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->curve(), curve_);
    EXPECT_EQ(key->algorithm(), signer_.algorithm());
    EXPECT_EQ(key->ToDidKey(), signer_.DidKey());
    EXPECT_EQ(*key, KeyOf(signer_));
  }
  EXPECT_FALSE(KeyOf(TestSigner::Generate(curve_)) == KeyOf(signer_));
}

// Both parities of y, which the 65-byte form has to be turned into.
TEST_P(SigningKeyTest, UncompressedPointsOfManyKeysCompressToTheSameDidKey) {
  for (int i = 0; i < 16; ++i) {
    const TestSigner signer = TestSigner::Generate(curve_);
    const auto key = SigningKey::FromLegacyMultibase(curve_, signer.Multibase(KeyForm::kLegacyUncompressed));
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(key->ToDidKey(), signer.DidKey());
  }
}

TEST_P(SigningKeyTest, SignatureOfTheKeyFitsUnderBothRules) {
  for (int i = 0; i < 16; ++i) {
    const std::string message = absl::StrCat("message ", i);
    for (const SignatureRule rule : kRules) {
      EXPECT_TRUE(KeyOf(signer_).Verify(message, signer_.Sign(message), rule));
    }
  }
}

TEST_P(SigningKeyTest, HighSFitsOnlyWhereAnySIsTaken) {
  for (int i = 0; i < 16; ++i) {
    const std::string signature = signer_.SignHighS(kMessage);
    EXPECT_TRUE(KeyOf(signer_).Verify(kMessage, signature, SignatureRule::kAnyS));
    EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, signature, SignatureRule::kLowSOnly));
  }
}

TEST_P(SigningKeyTest, OtherMessagesKeysAndBitsDoNotFit) {
  const std::string signature = signer_.Sign(kMessage);
  for (const SignatureRule rule : kRules) {
    EXPECT_FALSE(KeyOf(signer_).Verify("header.payloae", signature, rule));
    EXPECT_FALSE(KeyOf(signer_).Verify("", signature, rule));
    EXPECT_FALSE(KeyOf(TestSigner::Generate(curve_)).Verify(kMessage, signature, rule));
    const KeyCurve other_curve = curve_ == KeyCurve::kP256 ? KeyCurve::kK256 : KeyCurve::kP256;
    EXPECT_FALSE(KeyOf(TestSigner::Generate(other_curve)).Verify(kMessage, signature, rule));
    for (size_t i = 0; i < signature.size(); ++i) {
      std::string changed = signature;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, changed, rule)) << "byte " << i;
    }
  }
}

TEST_P(SigningKeyTest, OnlySixtyFourBytesAreASignature) {
  const std::string signature = signer_.Sign(kMessage);
  for (const SignatureRule rule : kRules) {
    EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, "", rule));
    EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, signature.substr(0, 63), rule));
    EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, signature + '\0', rule));
    EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, signature + signature, rule));
    EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, signer_.SignDer(kMessage), rule));
  }
}

TEST_P(SigningKeyTest, RAndSAreBetweenOneAndTheOrder) {
  const std::string signature = signer_.Sign(kMessage);
  const std::string r = signature.substr(0, 32);
  const std::string s = signature.substr(32);
  const std::string zero(32, '\0');
  const std::string all_ones(32, '\xff');
  for (const SignatureRule rule : kRules) {
    for (const std::string& bad : {zero, Order(curve_), all_ones}) {
      EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, bad + s, rule));
      EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, r + bad, rule));
      EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, bad + bad, rule));
    }
  }
}

TEST_P(SigningKeyTest, BytesThatAreNoPointAreRefused) {
  const std::string x = signer_.point().substr(1, 32);
  const std::string y = signer_.point().substr(33);
  std::string off_curve = signer_.point();
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  const std::string hybrid_form = (y.back() & 1) != 0 ? "\x07" : "\x06";
  const struct {
    const char* why;
    std::string point;
  } cases[] = {
      {"nothing", ""},
      {"infinity", std::string(1, '\0')},
      {"infinity, 33 bytes", std::string(33, '\0')},
      {"infinity, 65 bytes", std::string(65, '\0')},
      {"not on the curve", off_curve},
      {"x not below the prime", "\x02" + FieldPrime(curve_)},
      {"x far above the prime", "\x02" + std::string(32, '\xff')},
      {"hybrid form", hybrid_form + x + y},
      {"hybrid prefix on 33 bytes", hybrid_form + x},
      {"compressed prefix on 65 bytes", "\x02" + x + y},
      {"uncompressed prefix on 33 bytes", "\x04" + x},
      {"64 bytes without a prefix", x + y},
      {"32 bytes", x},
      {"a byte too many", "\x02" + x + "\x01"},
      {"a byte too few", "\x04" + x + y.substr(1)},
  };
  for (const auto& [why, point] : cases) {
    const std::string legacy = absl::StrCat("z", EncodeBase58(point));
    const std::string multikey = absl::StrCat("z", EncodeBase58(Codec(curve_) + point));
    EXPECT_EQ(SigningKey::FromLegacyMultibase(curve_, legacy).status().code(), absl::StatusCode::kInvalidArgument)
        << why;
    EXPECT_EQ(SigningKey::FromMultikey(multikey).status().code(), absl::StatusCode::kInvalidArgument) << why;
  }
}

TEST_P(SigningKeyTest, TextThatIsNoKeyIsRefused) {
  const std::string multikey = signer_.Multibase(KeyForm::kMultikey);
  const std::string base58 = multikey.substr(1);
  const std::string compressed = (signer_.point().back() & 1) != 0 ? "\x03" : "\x02";
  const std::string point = compressed + signer_.point().substr(1, 32);
  const std::string cases[] = {
      "",
      "z",
      base58,
      "u" + base58,
      "Z" + base58,
      "f" + absl::BytesToHexString(Codec(curve_) + point),
      multikey + " ",
      multikey + "0",
      "z" + EncodeBase58(Codec(curve_) + signer_.point()),                          // A Multikey is compressed.
      "z" + EncodeBase58("\xed\x01" + point),                                       // Ed25519's codec.
      "z" + EncodeBase58(Codec(KeyCurve::kP256) + Codec(KeyCurve::kK256) + point),  // Both codecs.
      "z" + EncodeBase58(Codec(KeyCurve::kK256) + Codec(KeyCurve::kP256) + point),
      "z" + EncodeBase58(point),  // A legacy key is no Multikey.
      "z" + std::string(10'000, '2'),
  };
  for (const std::string& text : cases) EXPECT_FALSE(SigningKey::FromMultikey(text).ok()) << text;
  for (const std::string& text : {multikey, "did:web:" + multikey, "did:key:" + base58, "DID:KEY:" + multikey}) {
    EXPECT_FALSE(SigningKey::FromDidKey(text).ok()) << text;
  }
  EXPECT_FALSE(SigningKey::FromMultikey(signer_.DidKey()).ok());
  EXPECT_FALSE(SigningKey::FromLegacyMultibase(curve_, multikey).ok());
}

TEST_P(SigningKeyTest, BadInputLeavesNoErrorBehindForOpenSslsNextUser) {
  ERR_clear_error();
  EXPECT_FALSE(SigningKey::FromLegacyMultibase(curve_, "z" + EncodeBase58("\x02" + FieldPrime(curve_))).ok());
  EXPECT_FALSE(KeyOf(signer_).Verify(kMessage, std::string(64, '\0'), SignatureRule::kAnyS));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

std::string FromBase64(const nlohmann::json& text) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(text.get<std::string>(), &bytes));
  return bytes;
}

TEST(SigningKeyInteropTest, PublicSignaturesAreJudgedAsTheyAskFor) {
  SKIP_WITHOUT_INTEROP_VECTORS();
  const nlohmann::json fixtures = InteropJson("crypto/signature-fixtures.json");
  ASSERT_FALSE(fixtures.empty());
  for (const nlohmann::json& fixture : fixtures) {
    const std::string comment = fixture["comment"];
    const KeyCurve curve = fixture["algorithm"] == "ES256" ? KeyCurve::kP256 : KeyCurve::kK256;
    const auto key = SigningKey::FromDidKey(fixture["publicKeyDid"].get<std::string>());
    ASSERT_TRUE(key.ok()) << comment;
    EXPECT_EQ(SigningKey::FromLegacyMultibase(curve, fixture["publicKeyMultibase"].get<std::string>()).value(), *key);
    EXPECT_EQ(key->ToDidKey(), fixture["publicKeyDid"]);
    EXPECT_EQ(key->algorithm(), fixture["algorithm"].get<std::string>());

    const std::string message = FromBase64(fixture["messageBase64"]);
    const std::string signature = FromBase64(fixture["signatureBase64"]);
    const bool valid = fixture["validSignature"];
    const bool high_s = fixture["tags"] == nlohmann::json{"high-s"};
    EXPECT_EQ(key->Verify(message, signature, SignatureRule::kLowSOnly), valid) << comment;
    EXPECT_EQ(key->Verify(message, signature, SignatureRule::kAnyS), valid || high_s) << comment;
  }
}

TEST(SigningKeyInteropTest, PublicKeyPairsHaveTheirDidKeys) {
  SKIP_WITHOUT_INTEROP_VECTORS();
  const auto expect_pair = [](KeyCurve curve, const std::string& private_key, const std::string& did_key) {
    ASSERT_EQ(private_key.size(), 32u) << did_key;
    EXPECT_EQ(TestSigner::FromPrivateKey(curve, private_key).DidKey(), did_key);
    const auto key = SigningKey::FromDidKey(did_key);
    ASSERT_TRUE(key.ok()) << did_key;
    EXPECT_EQ(key->curve(), curve);
    EXPECT_EQ(key->ToDidKey(), did_key);
  };
  for (const nlohmann::json& pair : InteropJson("crypto/w3c_didkey_K256.json")) {
    expect_pair(KeyCurve::kK256, absl::HexStringToBytes(pair["privateKeyBytesHex"].get<std::string>()),
                pair["publicDidKey"]);
  }
  for (const nlohmann::json& pair : InteropJson("crypto/w3c_didkey_P256.json")) {
    expect_pair(KeyCurve::kP256, DecodeBase58(pair["privateKeyBytesBase58"].get<std::string>()).value_or(""),
                pair["publicDidKey"]);
  }
}

}  // namespace
}  // namespace tokens::testing
