#include "xrpc_shim/dpop_proof.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "tests/support/fake_random.h"
#include "tests/support/test_signer.h"
#include "token_service/jose/jwk.h"
#include "token_service/jose/sha256.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using nlohmann::json;
using testing::TestSigner;

constexpr char kToken[] = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
constexpr char kPath[] = "/xrpc/app.didpic.identity.mintWidgetToken";
constexpr int64_t kNowSeconds = 1'800'000'000;
const absl::Time kNow = absl::FromUnixSeconds(kNowSeconds);

class DpopProofTest : public ::testing::Test {
 protected:
  json Header() const { return {{"typ", "dpop+jwt"}, {"alg", signer_.algorithm()}, {"jwk", signer_.Jwk()}}; }
  json Payload() const {
    return {{"jti", "jti-1"},
            {"htm", "POST"},
            {"htu", std::string("https://api.example.com") + kPath},
            {"iat", kNowSeconds},
            {"ath", "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"},  // RFC 9449 §7.1
            {"nonce", nonces_.Current(kNow)}};
  }
  static json With(json object, const char* member, json value) {
    if (value.is_null()) {
      object.erase(member);
    } else {
      object[member] = std::move(value);
    }
    return object;
  }
  std::string Sign(const json& header, const json& payload) const {
    return testing::MakeJwt(signer_, header.dump(), payload.dump());
  }
  absl::StatusOr<DpopProof> Verify(HttpHeaders headers, const std::string& method = "POST") const {
    HttpRequest request;
    request.method = method;
    request.path = kPath;
    request.headers = std::move(headers);
    return DpopVerifier("https://API.example.com:443", nonces_).Verify(request, kToken, kNow);
  }
  absl::StatusOr<DpopProof> Verify(const std::string& proof) const { return Verify(HttpHeaders{{"DPoP", proof}}); }
  std::string ErrorOf(const json& header, const json& payload) const {
    const auto proof = Verify(Sign(header, payload));
    return proof.ok() ? "OK" : std::string(WireName(proof.status()));
  }

  testing::FakeRandom random_;
  const DpopNonces nonces_ = *DpopNonces::Create(random_);
  TestSigner signer_ = TestSigner::Generate(KeyCurve::kP256);
};

TEST_F(DpopProofTest, AGoodProofNamesItsKey) {
  for (const KeyCurve curve : {KeyCurve::kP256, KeyCurve::kK256}) {
    signer_ = TestSigner::Generate(curve);
    const auto proof = Verify(Sign(Header(), Payload()));
    ASSERT_TRUE(proof.ok()) << proof.status();
    EXPECT_EQ(proof->thumbprint, ParsePublicJwk(signer_.Jwk())->thumbprint);
    EXPECT_EQ(proof->expire_time, kNow + kDpopProofWindow);
    EXPECT_EQ(proof->single_use_id.size(), 64u);
  }
}

TEST_F(DpopProofTest, TheSingleUseIdIsThatOfKeyAndJti) {
  const auto id = [this](const json& payload) { return Verify(Sign(Header(), payload))->single_use_id; };
  const std::string first = id(Payload());
  EXPECT_EQ(id(With(Payload(), "iat", kNowSeconds - 1)), first) << "whatever else is said or signed anew";
  EXPECT_NE(id(With(Payload(), "jti", "jti-2")), first);
  signer_ = TestSigner::Generate(KeyCurve::kP256);
  EXPECT_NE(id(Payload()), first);
}

TEST_F(DpopProofTest, AHeaderThatIsNotOfAProofIsRefused) {
  json private_jwk = signer_.Jwk();
  private_jwk["d"] = private_jwk["x"];
  const struct {
    const char* member;
    json value;  // Null: taken away.
  } cases[] = {
      {"typ", nullptr},
      {"typ", "JWT"},
      {"typ", "at+jwt"},
      {"typ", 1},
      {"alg", nullptr},
      {"alg", "none"},
      {"alg", "HS256"},
      {"alg", "ES256K"},
      {"crit", {"b64"}},
      {"jwk", nullptr},
      {"jwk", "x"},
      {"jwk", private_jwk},
      {"jwk", TestSigner::Generate(KeyCurve::kP256).Jwk()},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(ErrorOf(With(Header(), row.member, row.value), Payload()), "InvalidDpopProof")
        << row.member << " " << row.value;
  }
  EXPECT_EQ(ErrorOf(With(Header(), "typ", "application/DPoP+JWT"), Payload()), "OK");
}

TEST_F(DpopProofTest, EachClaimIsChecked) {
  const int64_t window = absl::ToInt64Seconds(kDpopProofWindow);
  const struct {
    const char* member;
    json value;  // Null: taken away.
    const char* error;
  } cases[] = {
      {"jti", nullptr, "InvalidDpopProof"},
      {"jti", 7, "InvalidDpopProof"},
      {"jti", "", "InvalidDpopProof"},
      {"jti", std::string(256, 'j'), "OK"},
      {"jti", std::string(257, 'j'), "InvalidDpopProof"},
      {"htm", nullptr, "InvalidDpopProof"},
      {"htm", "post", "InvalidDpopProof"},
      {"htm", "GET", "InvalidDpopProof"},
      {"htu", nullptr, "InvalidDpopProof"},
      {"htu", "http://api.example.com/xrpc/app.didpic.identity.mintWidgetToken", "InvalidDpopProof"},
      {"htu", "https://other.example.com/xrpc/app.didpic.identity.mintWidgetToken", "InvalidDpopProof"},
      {"htu", "https://api.example.com/xrpc/app.didpic.identity.other", "InvalidDpopProof"},
      {"htu", "https://api.example.com:8443/xrpc/app.didpic.identity.mintWidgetToken", "InvalidDpopProof"},
      {"htu", "https://u@api.example.com/xrpc/app.didpic.identity.mintWidgetToken", "InvalidDpopProof"},
      {"htu", "/xrpc/app.didpic.identity.mintWidgetToken", "InvalidDpopProof"},
      {"htu", "HTTPS://API.example.com:443/xrpc/app.didpic.identity.mintWidgetToken?label=x#y", "OK"},
      {"iat", nullptr, "InvalidDpopProof"},
      {"iat", "now", "InvalidDpopProof"},
      {"iat", kNowSeconds - window, "OK"},
      {"iat", kNowSeconds - window - 1, "InvalidDpopProof"},
      {"iat", kNowSeconds + window, "OK"},
      {"iat", kNowSeconds + window + 1, "InvalidDpopProof"},
      {"ath", nullptr, "InvalidDpopProof"},
      {"ath", absl::WebSafeBase64Escape(Sha256("another token")), "InvalidDpopProof"},
      {"nonce", nullptr, "UseDpopNonce"},
      {"nonce", "x", "UseDpopNonce"},
      {"nonce", 7, "InvalidDpopProof"},
      {"nonce", nonces_.Current(kNow - kDpopNonceStep), "OK"},
      {"nonce", nonces_.Current(kNow - 2 * kDpopNonceStep), "UseDpopNonce"},
      {"exp", kNowSeconds - 1, "OK"},  // not a claim of proofs
  };
  for (const auto& row : cases) {
    EXPECT_EQ(ErrorOf(Header(), With(Payload(), row.member, row.value)), row.error) << row.member << " " << row.value;
  }
}

TEST_F(DpopProofTest, ExactlyOneFieldWithOneJwt) {
  const std::string good = Sign(Header(), Payload());
  const HttpHeaders cases[] = {{},
                               {{"DPoP", ""}},
                               {{"DPoP", "x"}},
                               {{"DPoP", good}, {"dpop", good}},
                               {{"DPoP", good + ", " + good}},
                               {{"DPoP", good.substr(0, good.rfind('.'))}},
                               {{"DPoP", good + "A"}},
                               {{"DPoP", Sign(Header(), With(Payload(), "more", std::string(4096, 'm')))}}};
  for (const HttpHeaders& headers : cases) EXPECT_EQ(WireName(Verify(headers).status()), "InvalidDpopProof");
  EXPECT_EQ(WireName(Verify({{"DPoP", good}}, "GET").status()), "InvalidDpopProof") << "another method";
}

TEST(NormalizeHttpUrlTest, OnlyWhatIsComparedStays) {
  const struct {
    const char* url;
    const char* normal;
  } cases[] = {
      {"https://example.com/a", "https://example.com/a"},
      {"HTTPS://Example.COM/A", "https://example.com/A"},
      {"https://example.com:443/", "https://example.com/"},
      {"http://example.com:80/", "http://example.com/"},
      {"http://example.com:443/", "http://example.com:443/"},
      {"https://example.com", "https://example.com/"},
      {"https://example.com?a/b", "https://example.com/"},
      {"https://[::1]:8080/a#b", "https://[::1]:8080/a"},
      {"ftp://example.com/", ""},
      {"example.com/", ""},
      {"https://", ""},
      {"https:///a", ""},
      {"https://a@example.com/", ""},
      {"", ""},
      {"x?://", ""},
  };
  for (const auto& row : cases) EXPECT_EQ(NormalizeHttpUrl(row.url), row.normal) << row.url;
}

}  // namespace
}  // namespace tokens::xrpc
