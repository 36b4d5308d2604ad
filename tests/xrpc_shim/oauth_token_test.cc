#include "xrpc_shim/oauth_token.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/test_signer.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using nlohmann::json;
using testing::TestSigner;

constexpr char kIssuer[] = "https://auth.example.com";
constexpr char kAlice[] = "did:plc:7iza6de2dwap2sbkpav7c6c6";
constexpr char kService[] = "did:web:api.example.com#didpic";
constexpr char kMint[] = "app.didpic.identity.mintWidgetToken";
constexpr char kThumbprint[] = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
constexpr int64_t kNowSeconds = 1'800'000'000;

class OauthTokenTest : public ::testing::Test {
 protected:
  json Header() const { return {{"typ", "at+jwt"}, {"alg", signer_.algorithm()}, {"kid", "1"}}; }
  static json Payload() {
    return {{"iss", kIssuer},
            {"sub", kAlice},
            {"aud", kService},
            {"client_id", "https://app.example.com/client.json"},
            {"iat", kNowSeconds},
            {"exp", kNowSeconds + 900},
            {"jti", "tok-1"},
            {"scope", "atproto transition:generic"},
            {"cnf", {{"jkt", kThumbprint}}}};
  }
  static json With(json object, const char* member, json value) {
    if (value.is_null()) {
      object.erase(member);
    } else {
      object[member] = std::move(value);
    }
    return object;
  }
  absl::StatusOr<OauthToken> Verify(const std::string& token) const {
    const OauthTokenVerifier verifier(
        {"did:web:api.example.com", kService},
        [this](const std::string& iss, const std::string& kid) -> absl::StatusOr<SigningKey> {
          if (!outage_.ok()) return outage_;
          if (iss != kIssuer) return absl::PermissionDeniedError("who");
          if (kid != "1") return absl::NotFoundError("which");
          return *SigningKey::FromDidKey(signer_.DidKey());
        },
        [this](const std::string& iss, const std::string& did) {
          EXPECT_EQ(iss, kIssuer);
          EXPECT_EQ(did, kAlice);
          return issuer_check_;
        },
        [](const IncludedSet&) { return std::vector<RpcPermission>(); });
    return verifier.Verify(token, kThumbprint, kMint, absl::FromUnixSeconds(kNowSeconds));
  }
  std::string ErrorOf(const json& header, const json& payload) const {
    const auto token = Verify(testing::MakeJwt(signer_, header.dump(), payload.dump()));
    return token.ok() ? "OK" : std::string(WireName(token.status()));
  }

  TestSigner signer_ = TestSigner::Generate(KeyCurve::kP256);
  absl::Status outage_;
  absl::Status issuer_check_;
};

TEST_F(OauthTokenTest, AGoodTokenNamesTheAccountAndTheClient) {
  for (const KeyCurve curve : {KeyCurve::kP256, KeyCurve::kK256}) {
    signer_ = TestSigner::Generate(curve);
    const auto token = Verify(testing::MakeJwt(signer_, Header().dump(), Payload().dump()));
    ASSERT_TRUE(token.ok()) << token.status();
    EXPECT_EQ(token->did, kAlice);
    EXPECT_EQ(token->client_id, "https://app.example.com/client.json");
  }
}

TEST_F(OauthTokenTest, EachHeaderMemberIsChecked) {
  const struct {
    const char* member;
    json value;  // Null: taken away.
    const char* error;
  } cases[] = {
      {"typ", nullptr, "InvalidToken"},    {"typ", "JWT", "InvalidToken"},    {"typ", "dpop+jwt", "InvalidToken"},
      {"typ", "application/at+JWT", "OK"}, {"alg", nullptr, "InvalidToken"},  {"alg", "none", "InvalidToken"},
      {"alg", "HS256", "InvalidToken"},    {"alg", "ES256K", "InvalidToken"}, {"crit", {"x"}, "InvalidToken"},
      {"kid", nullptr, "InvalidToken"},    {"kid", "2", "InvalidToken"},      {"kid", 1, "InvalidToken"},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(ErrorOf(With(Header(), row.member, row.value), Payload()), row.error) << row.member << " " << row.value;
  }
}

TEST_F(OauthTokenTest, EachClaimIsChecked) {
  const struct {
    const char* member;
    json value;  // Null: taken away.
    const char* error;
  } cases[] = {
      {"iss", nullptr, "InvalidToken"},
      {"iss", "https://other.example.com", "InvalidToken"},
      {"sub", nullptr, "InvalidToken"},
      {"sub", "alice", "InvalidToken"},
      {"sub", "did:key:zabc", "InvalidToken"},
      {"aud", nullptr, "InvalidToken"},
      {"aud", "did:web:pds.example.com", "InvalidToken"},
      {"aud", "did:web:api.example.com#other", "InvalidToken"},
      {"aud", {"did:web:pds.example.com", kService}, "OK"},
      {"aud", {"did:web:pds.example.com"}, "InvalidToken"},
      {"aud", {kService, 7}, "InvalidToken"},
      {"aud", json::array(), "InvalidToken"},
      {"client_id", nullptr, "InvalidToken"},
      {"client_id", "", "InvalidToken"},
      {"client_id", std::string(2049, 'c'), "InvalidToken"},
      {"cnf", nullptr, "InvalidToken"},
      {"cnf", "x", "InvalidToken"},
      {"cnf", json::object(), "InvalidToken"},
      {"cnf", {{"jkt", ""}}, "InvalidToken"},
      {"cnf", {{"jkt", "another key"}}, "InvalidToken"},
      {"scope", nullptr, "InvalidToken"},
      {"scope", "atproto", "InsufficientScope"},
      {"scope", "transition:generic", "InsufficientScope"},
      {"scope", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=did:web:api.example.com%23didpic", "OK"},
      {"exp", nullptr, "InvalidToken"},
      {"exp", "later", "InvalidToken"},
      {"exp", kNowSeconds, "ExpiredToken"},
      {"exp", kNowSeconds + 1, "OK"},
      {"iat", kNowSeconds + 30, "OK"},
      {"iat", kNowSeconds + 31, "InvalidToken"},
      {"iat", "now", "InvalidToken"},
      {"nbf", kNowSeconds + 30, "OK"},
      {"nbf", kNowSeconds + 31, "InvalidToken"},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(ErrorOf(Header(), With(Payload(), row.member, row.value)), row.error) << row.member << " " << row.value;
  }
}

TEST_F(OauthTokenTest, AnotherSignatureIsRefused) {
  const std::string token = testing::MakeJwt(TestSigner::Generate(KeyCurve::kP256), Header().dump(), Payload().dump());
  EXPECT_EQ(WireName(Verify(token).status()), "InvalidToken");
  EXPECT_EQ(WireName(Verify("dpwt_abc").status()), "InvalidToken");
}

TEST_F(OauthTokenTest, AnIssuerThatDoesNotSpeakForTheAccountIsRefusedLast) {
  issuer_check_ = XrpcError(XrpcErrorName::kOauthTokenInvalid);
  EXPECT_EQ(ErrorOf(Header(), Payload()), "InvalidToken");
  issuer_check_ = XrpcError(XrpcErrorName::kUpstreamTimeout);
  EXPECT_EQ(ErrorOf(Header(), Payload()), "UpstreamTimeout");
  EXPECT_EQ(ErrorOf(Header(), With(Payload(), "exp", kNowSeconds)), "ExpiredToken");
}

TEST_F(OauthTokenTest, AnOutageIsNeverTheTokensFault) {
  outage_ = absl::UnavailableError("down");
  EXPECT_EQ(ErrorOf(Header(), Payload()), "UpstreamFailure");
  outage_ = absl::InternalError("anything");
  EXPECT_EQ(ErrorOf(Header(), Payload()), "UpstreamFailure");
  outage_ = absl::DeadlineExceededError("slow");
  EXPECT_EQ(ErrorOf(Header(), Payload()), "UpstreamTimeout");
}

}  // namespace
}  // namespace tokens::xrpc
