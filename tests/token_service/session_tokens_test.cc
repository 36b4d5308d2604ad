// A session's JWTs by themselves: what is in them, and what is refused.
#include "token_service/session_tokens.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/session_fixture.h"
#include "token_service/jose/jwt_parts.h"

namespace tokens {
namespace {

using testing::MakeJwt;
using Json = nlohmann::json;

constexpr char kAudience[] = "did:web:api.example.com";
constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr auto kAccess = SessionTokenKind::kAccess;
constexpr auto kRefresh = SessionTokenKind::kRefresh;
const absl::Time kNow = absl::FromUnixSeconds(1'900'000'000);

class SessionTokensTest : public ::testing::Test {
 protected:
  static SessionClaims Claims() {
    return {kAlice, *storage::SessionId::FromBytes(std::string(16, '\x5a')),
            *storage::RefreshId::FromBytes(std::string(16, '\x77')), kNow, kNow + absl::Minutes(15)};
  }
  std::string Make(SessionTokenKind kind) {
    return *MakeSessionToken(kind, Claims(), *fixture_.files().Current(), kAudience);
  }
  CheckedToken Check(const std::string& jwt, SessionTokenKind kind, absl::Time now = kNow) {
    return CheckSessionToken(jwt, kind, *fixture_.files().Current(), kAudience, now);
  }

  testing::SessionKeysFixture fixture_;
};

TEST_F(SessionTokensTest, HaveTheFormOfTheReference) {
  const std::string access = Make(kAccess);
  const auto parts = TakeJwtApart(access, 4096);
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->header, (Json{{"typ", "at+jwt"}, {"alg", "ES256"}, {"kid", "one"}}));
  EXPECT_EQ(parts->payload, (Json{{"scope", "com.atproto.access"},
                                  {"aud", kAudience},
                                  {"sub", kAlice},
                                  {"sid", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"},
                                  {"iat", 1'900'000'000},
                                  {"exp", 1'900'000'900}}));
  const std::string refresh = Make(kRefresh);
  const auto refresh_parts = TakeJwtApart(refresh, 4096);
  ASSERT_TRUE(refresh_parts.has_value());
  EXPECT_EQ(refresh_parts->header["typ"], "refresh+jwt");
  EXPECT_EQ(refresh_parts->payload["scope"], "com.atproto.refresh");
  EXPECT_EQ(refresh_parts->payload["jti"], "77777777777777777777777777777777");
}

TEST_F(SessionTokensTest, WhatWasMadeHoldsUntilTheExactInstantOfItsExpiry) {
  for (const SessionTokenKind kind : {kAccess, kRefresh}) {
    const std::string jwt = Make(kind);
    const CheckedToken checked = Check(jwt, kind, kNow + absl::Minutes(15) - absl::Microseconds(1));
    EXPECT_EQ(checked.fault, std::nullopt);
    EXPECT_EQ(checked.claims.did, kAlice);
    EXPECT_EQ(checked.claims.session, Claims().session);
    EXPECT_EQ(checked.claims.expire_time, Claims().expire_time);
    if (kind == kRefresh) {
      EXPECT_EQ(checked.claims.refresh, Claims().refresh);
    }
    const CheckedToken expired = Check(jwt, kind, kNow + absl::Minutes(15));
    EXPECT_EQ(expired.fault, SessionFault::kExpired);
    EXPECT_EQ(expired.claims.session, Claims().session) << "deleteSession takes expired ones";
    EXPECT_EQ(Check(jwt, kind, kNow - absl::Hours(1)).fault, std::nullopt) << "a clock that stepped back ends nothing";
  }
}

TEST_F(SessionTokensTest, OneKindIsNotTheOther) {
  EXPECT_EQ(Check(Make(kAccess), kRefresh).fault, SessionFault::kInvalid);
  EXPECT_EQ(Check(Make(kRefresh), kAccess).fault, SessionFault::kInvalid);
  EXPECT_EQ(Check(Make(kAccess), kRefresh, kNow + absl::Hours(1)).fault, SessionFault::kInvalid) << "typ before expiry";
}

TEST_F(SessionTokensTest, AnotherAudienceIsInvalidAlsoWhenExpired) {
  const auto keys = fixture_.files().Current();
  for (const absl::Time now : {kNow, kNow + absl::Hours(1)}) {
    EXPECT_EQ(CheckSessionToken(Make(kRefresh), kRefresh, *keys, "did:web:other.example", now).fault,
              SessionFault::kInvalid);
  }
}

TEST_F(SessionTokensTest, TextThatIsNoJwtOfOursIsInvalid) {
  const std::string good = Make(kRefresh);
  std::string other_signature = good;
  other_signature[good.size() - 10] = good[good.size() - 10] == 'A' ? 'B' : 'A';
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("a.b.c"), good + ".", good + "=",
        good.substr(0, good.rfind('.') + 1), other_signature, " " + good, std::string(5000, 'a')}) {
    EXPECT_EQ(Check(text, kRefresh).fault, SessionFault::kInvalid) << text.size();
  }
}

TEST_F(SessionTokensTest, EveryChangeOfHeaderOrClaimsIsRefusedThoughTheSignatureIsOurs) {
  const Json header = {{"typ", "refresh+jwt"}, {"alg", "ES256"}, {"kid", "one"}};
  const Json payload = {{"scope", "com.atproto.refresh"},
                        {"aud", kAudience},
                        {"sub", kAlice},
                        {"sid", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"},
                        {"jti", "77777777777777777777777777777777"},
                        {"iat", 1'900'000'000},
                        {"exp", 1'900'000'900}};
  const auto fault = [&](const std::function<void(Json&, Json&)>& change) {
    Json changed_header = header;
    Json changed_payload = payload;
    change(changed_header, changed_payload);
    return Check(MakeJwt(fixture_.signer(), changed_header.dump(), changed_payload.dump()), kRefresh).fault;
  };
  ASSERT_EQ(fault([](Json&, Json&) {}), std::nullopt);
  const std::vector<std::function<void(Json&, Json&)>> invalid = {
      [](Json& h, Json&) { h["alg"] = "none"; },
      [](Json& h, Json&) { h["alg"] = "HS256"; },
      [](Json& h, Json&) { h["alg"] = "ES256K"; },
      [](Json& h, Json&) { h.erase("kid"); },
      [](Json& h, Json&) { h["kid"] = "two"; },
      [](Json& h, Json&) { h["crit"] = {"x"}; },
      [](Json& h, Json&) { h["typ"] = "JWT"; },
      [](Json& h, Json&) { h.erase("typ"); },
      [](Json&, Json& p) { p["aud"] = Json::array({kAudience}); },
      [](Json&, Json& p) { p.erase("aud"); },
      [](Json&, Json& p) { p.erase("exp"); },
      [](Json&, Json& p) { p["exp"] = "1900000900"; },
      [](Json&, Json& p) { p.erase("iat"); },
      [](Json&, Json& p) { p["sub"] = "alice"; },
      [](Json&, Json& p) { p.erase("sub"); },
      [](Json&, Json& p) { p["scope"] = "com.atproto.access"; },
      [](Json&, Json& p) { p.erase("scope"); },
      [](Json&, Json& p) { p["sid"] = "5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A"; },
      [](Json&, Json& p) { p.erase("sid"); },
      [](Json&, Json& p) { p["jti"] = 7; },
      [](Json&, Json& p) { p["jti"] = "short"; },
      [](Json&, Json& p) {
        p["cnf"] = {{"jkt", "x"}};
      },
      [](Json&, Json& p) { p["lxm"] = "a.b.c"; }};
  for (size_t i = 0; i < invalid.size(); ++i) EXPECT_EQ(fault(invalid[i]), SessionFault::kInvalid) << i;
  EXPECT_EQ(fault([](Json&, Json& p) { p.erase("jti"); }), SessionFault::kMissingTokenId);
}

TEST_F(SessionTokensTest, AKeyThatWentAwayTakesItsTokensWithIt) {
  const std::string jwt = Make(kRefresh);
  nlohmann::json other = testing::MakeTestKey(KeyCurve::kK256, 9).private_jwk;
  other["kid"] = "one";
  fixture_.Write("a.jwk", other);
  ASSERT_TRUE(fixture_.files().Reload().ok());
  EXPECT_EQ(Check(jwt, kRefresh).fault, SessionFault::kInvalid);
  EXPECT_EQ(Check(Make(kRefresh), kRefresh).fault, std::nullopt) << "ES256K";
}

}  // namespace
}  // namespace tokens
