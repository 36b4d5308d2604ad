#include "xrpc_shim/service_jwt.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/support/test_signer.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::testing {
namespace {

using nlohmann::json;
using xrpc::ServiceJwt;
using xrpc::ServiceJwtVerifier;

constexpr char kDid[] = "did:plc:7iza6de2dwap2sbkpav7c6c6";
constexpr char kService[] = "did:web:api.example.com";
constexpr char kServiceWithFragment[] = "did:web:api.example.com#didpic_appview";
constexpr char kMethod[] = "app.didpic.identity.mintWidgetToken";
constexpr int64_t kNowSeconds = 1'800'000'000;
const absl::Time kNow = absl::FromUnixSeconds(kNowSeconds);

// Answers from two documents, the one in the cache and the one a fresh fetch would find, and writes down what it is
// asked.
struct FakeDirectory {
  absl::StatusOr<DidDocument> cached;
  absl::StatusOr<DidDocument> fresh;
  std::vector<std::pair<std::string, Freshness>> asked;

  ResolveDid Resolver() {
    return [this](const std::string& did, Freshness freshness) {
      asked.emplace_back(did, freshness);
      return freshness == Freshness::kForced ? fresh : cached;
    };
  }
};

class ServiceJwtTest : public ::testing::Test {
 protected:
  static DidDocument DocumentOf(const TestSigner& signer, const std::string& did = kDid) {
    return ParseDidDocument(did, MakeDidDocument(did, signer).dump()).value();
  }

  static json Payload() {
    return {{"iat", kNowSeconds},      {"iss", kDid},    {"aud", kService},
            {"exp", kNowSeconds + 60}, {"lxm", kMethod}, {"jti", "00112233445566778899aabbccddeeff"}};
  }
  static json PayloadWith(const char* name, json value) {
    json payload = Payload();
    payload[name] = std::move(value);
    return payload;
  }
  static json PayloadWithout(const char* name) {
    json payload = Payload();
    payload.erase(name);
    return payload;
  }
  std::string JwtWithHeader(const json& header) const { return MakeJwt(signer_, header.dump(), Payload().dump()); }

  absl::StatusOr<ServiceJwt> Verify(absl::string_view jwt, absl::Time now = kNow) {
    directory_.asked.clear();
    return verifier_.Verify(jwt, kMethod, now);
  }
  // The name of the error that `jwt` is refused with; "" if it is taken.
  std::string Refusal(absl::string_view jwt, absl::Time now = kNow) {
    const absl::StatusOr<ServiceJwt> result = Verify(jwt, now);
    return result.ok() ? "" : std::string(xrpc::WireName(result.status()));
  }

  const TestSigner signer_ = TestSigner::Generate(KeyCurve::kK256);
  FakeDirectory directory_{DocumentOf(signer_), DocumentOf(signer_), {}};
  const ServiceJwtVerifier verifier_{{kService, kServiceWithFragment}, directory_.Resolver()};
};

TEST_F(ServiceJwtTest, NamesTheAccountThatSignedIt) {
  const absl::StatusOr<ServiceJwt> jwt = Verify(MakeJwt(signer_, Payload()));
  ASSERT_TRUE(jwt.ok()) << jwt.status();
  EXPECT_EQ(jwt->did, kDid);
  EXPECT_EQ(jwt->expire_time, kNow + absl::Seconds(60));
  ASSERT_EQ(directory_.asked.size(), 1u);
  EXPECT_EQ(directory_.asked[0].first, kDid);
  EXPECT_EQ(directory_.asked[0].second, Freshness::kCached);
}

TEST_F(ServiceJwtTest, IsTakenFromBothCurvesWithEitherSAndNeverAsDer) {
  for (const KeyCurve curve : {KeyCurve::kP256, KeyCurve::kK256}) {
    const TestSigner signer = TestSigner::Generate(curve);
    directory_.cached = directory_.fresh = DocumentOf(signer);
    const std::string jwt = MakeJwt(signer, Payload());
    const std::string signed_part = jwt.substr(0, jwt.rfind('.'));
    const auto with_signature = [&signed_part](const std::string& signature) {
      return absl::StrCat(signed_part, ".", absl::WebSafeBase64Escape(signature));
    };
    EXPECT_EQ(Refusal(jwt), "");
    EXPECT_EQ(Refusal(with_signature(signer.Sign(signed_part))), "");
    EXPECT_EQ(Refusal(with_signature(signer.SignHighS(signed_part))), "");
    for (const std::string& signature : {signer.SignDer(signed_part), signer.Sign(signed_part) + '\0',
                                         signer.Sign(signed_part).substr(0, 63), std::string("x")}) {
      EXPECT_EQ(Refusal(with_signature(signature)), "BadJwtSignature");
      EXPECT_TRUE(directory_.asked.empty());
    }
    EXPECT_EQ(Refusal(with_signature(std::string(64, '\0'))), "BadJwtSignature");
    EXPECT_EQ(Refusal(with_signature(signer.Sign("another.text"))), "BadJwtSignature");
  }
}

TEST_F(ServiceJwtTest, WebAccountsSignAsWell) {
  directory_.cached = DocumentOf(signer_, "did:web:alice.example.com");
  EXPECT_EQ(Verify(MakeJwt(signer_, PayloadWith("iss", "did:web:alice.example.com")))->did,
            "did:web:alice.example.com");
}

TEST_F(ServiceJwtTest, OrdinaryHeadersAreTaken) {
  for (const json& header : {json{{"typ", "JWT"}, {"alg", "ES256K"}, {"kid", "#atproto"}}, json{{"alg", "ES256K"}},
                             json{{"alg", "ES256K"}, {"typ", "jwt"}}, json{{"alg", "ES256K"}, {"typ", "service+jwt"}},
                             json{{"alg", "ES256K"}, {"typ", "application/jwt"}}, json{{"alg", "ES256K"}, {"x", 1}}}) {
    EXPECT_EQ(Refusal(JwtWithHeader(header)), "") << header;
  }
}

TEST_F(ServiceJwtTest, BadHeadersAreRefusedWithoutAskingTheDirectory) {
  const struct {
    json header;
    const char* error;
  } cases[] = {
      {{{"typ", "JWT"}}, "BadJwt"},
      {{{"alg", nullptr}}, "BadJwt"},
      {{{"alg", 1}}, "BadJwt"},
      {{{"alg", "none"}}, "BadJwt"},
      {{{"alg", "HS256"}}, "BadJwt"},
      {{{"alg", "ES384"}}, "BadJwt"},
      {{{"alg", "es256k"}}, "BadJwt"},
      {{{"alg", ""}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"typ", 1}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"typ", nullptr}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"typ", "at+jwt"}}, "BadJwtType"},
      {{{"alg", "ES256K"}, {"typ", "refresh+jwt"}}, "BadJwtType"},
      {{{"alg", "ES256K"}, {"typ", "dpop+jwt"}}, "BadJwtType"},
      {{{"alg", "ES256K"}, {"typ", "AT+JWT"}}, "BadJwtType"},
      {{{"alg", "ES256K"}, {"typ", "Refresh+Jwt"}}, "BadJwtType"},
      {{{"alg", "ES256K"}, {"typ", "application/at+jwt"}}, "BadJwtType"},
      {{{"alg", "ES256K"}, {"typ", "APPLICATION/DPOP+JWT"}}, "BadJwtType"},
      {{{"alg", "ES256K"}, {"crit", {"exp"}}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"crit", json::array()}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"crit", nullptr}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"kid", "atproto"}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"kid", "#atproto_label"}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"kid", "#Atproto"}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"kid", absl::StrCat(kDid, "#atproto")}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"kid", ""}}, "BadJwt"},
      {{{"alg", "ES256K"}, {"kid", nullptr}}, "BadJwt"},
  };
  for (const auto& [header, error] : cases) {
    EXPECT_EQ(Refusal(JwtWithHeader(header)), error) << header;
    EXPECT_TRUE(directory_.asked.empty()) << header;
  }
}

TEST_F(ServiceJwtTest, AlgorithmIsThatOfTheKey) {
  // Signed by the account's own key, under the other curve's name.
  EXPECT_EQ(Refusal(JwtWithHeader({{"alg", "ES256"}})), "BadJwtSignature");
  const TestSigner p256 = TestSigner::Generate(KeyCurve::kP256);
  directory_.cached = directory_.fresh = DocumentOf(p256);
  EXPECT_EQ(Refusal(MakeJwt(p256, R"({"alg":"ES256K"})", Payload().dump())), "BadJwtSignature");
}

TEST_F(ServiceJwtTest, TextThatIsNoJwtIsRefused) {
  const std::string jwt = MakeJwt(signer_, Payload());
  const std::vector<std::string> parts = absl::StrSplit(jwt, '.');
  const std::string header = R"({"alg":"ES256K"})";
  const std::string payload = Payload().dump();
  const auto extended = [](std::string object, const std::string& more) {
    object.pop_back();
    return object + more + "}";
  };
  const auto ill_coded = [&parts](const std::string& signature) { return parts[0] + "." + parts[1] + "." + signature; };
  const struct {
    const char* why;
    std::string jwt;
  } cases[] = {
      {"nothing", ""},
      {"dots", ".."},
      {"one part", parts[0]},
      {"two parts", parts[0] + "." + parts[1]},
      {"four parts", jwt + "." + parts[2]},
      {"empty fourth part", jwt + "."},
      {"empty header", "." + parts[1] + "." + parts[2]},
      {"empty payload", parts[0] + ".." + parts[2]},
      {"empty signature", ill_coded("")},
      {"padded signature", ill_coded(parts[2] + "==")},
      {"signature in the standard alphabet", ill_coded("+/" + parts[2].substr(2))},
      {"stray bits after the signature", ill_coded(parts[2].substr(0, 85) + "B")},
      {"space before", " " + jwt},
      {"newline after", jwt + "\n"},
      {"padded header", absl::StrReplaceAll(jwt, {{".", "=."}})},
      {"header is not JSON", MakeJwt(signer_, "not json", payload)},
      {"header is an array", MakeJwt(signer_, R"([{"alg":"ES256K"}])", payload)},
      {"header is a string", MakeJwt(signer_, R"("ES256K")", payload)},
      {"header is null", MakeJwt(signer_, "null", payload)},
      {"header cut short", MakeJwt(signer_, R"({"alg":"ES256K")", payload)},
      {"text after the header", MakeJwt(signer_, header + "x", payload)},
      {"name twice in the header", MakeJwt(signer_, extended(header, R"(,"alg":"ES256K")"), payload)},
      {"payload is not JSON", MakeJwt(signer_, header, "not json")},
      {"payload is an array", MakeJwt(signer_, header, "[" + payload + "]")},
      {"payload is a number", MakeJwt(signer_, header, "7")},
      {"payload is not UTF-8", MakeJwt(signer_, header, extended(payload, ",\"x\":\"\xff\""))},
      {"name twice in the payload", MakeJwt(signer_, header, extended(payload, R"(,"iss":"did:plc:x")"))},
      {"name twice, once escaped", MakeJwt(signer_, header, extended(payload, R"(,"\u0069ss":"did:plc:x")"))},
      {"name twice, deeper", MakeJwt(signer_, header, extended(payload, R"(,"x":{"a":1,"a":1})"))},
      {"nested deeply",
       MakeJwt(signer_, header, extended(payload, ",\"x\":" + std::string(50, '[') + std::string(50, ']')))},
      {"a token of ours",
       "dpwt_"
       "0123456789012345678901234567890123456789012345678"},
  };
  for (const auto& [why, text] : cases) {
    EXPECT_EQ(Refusal(text), "BadJwt") << why;
    EXPECT_TRUE(directory_.asked.empty()) << why;
  }
}

TEST_F(ServiceJwtTest, LongestJwtIsFourKibibytes) {
  // Three bytes of payload are four characters; the rest is made up by white space, of which a step of one may be
  // missing.
  const size_t short_jwt = MakeJwt(signer_, Payload()).size();
  const std::string spaces((xrpc::kMaxServiceJwtBytes - short_jwt) / 4 * 3, ' ');
  const json header = {{"typ", "JWT"}, {"alg", "ES256K"}};
  const std::string longest = MakeJwt(signer_, header.dump(), Payload().dump() + spaces);
  ASSERT_LE(longest.size(), xrpc::kMaxServiceJwtBytes);
  ASSERT_GT(longest.size(), xrpc::kMaxServiceJwtBytes - 4);
  EXPECT_EQ(Refusal(longest), "");
  EXPECT_EQ(Refusal(MakeJwt(signer_, header.dump(), Payload().dump() + spaces + "   ")), "BadJwt");
}

TEST_F(ServiceJwtTest, ClaimsOfTheWrongTypeAreRefused) {
  for (const char* name : {"iss", "aud", "lxm", "jti"}) {
    for (const json& value : {json(nullptr), json(1), json(true), json::array({kService}), json::object()}) {
      EXPECT_EQ(Refusal(MakeJwt(signer_, PayloadWith(name, value))), "BadJwt") << name << " " << value;
    }
  }
  for (const char* name : {"exp", "iat", "nbf"}) {
    for (const json& value : {json(nullptr), json("1800000030"), json(true), json::array({kNowSeconds})}) {
      EXPECT_EQ(Refusal(MakeJwt(signer_, PayloadWith(name, value))), "BadJwt") << name << " " << value;
    }
  }
  for (const char* name : {"iss", "aud", "exp"}) {
    EXPECT_EQ(Refusal(MakeJwt(signer_, PayloadWithout(name))), "BadJwt") << name;
  }
  EXPECT_EQ(Refusal(MakeJwt(signer_, PayloadWith("jti", ""))), "BadJwt");
}

TEST_F(ServiceJwtTest, TimesAreExactToTheirLimits) {
  const int64_t now = kNowSeconds;
  const struct {
    const char* claim;
    json value;
    const char* error;
  } cases[] = {
      {"exp", now + 1, ""},
      {"exp", now, "JwtExpired"},
      {"exp", now - 1, "JwtExpired"},
      {"exp", now + 0.25, ""},
      {"exp", now - 0.25, "JwtExpired"},
      {"exp", 0, "JwtExpired"},
      {"exp", -1, "JwtExpired"},
      {"exp", INT64_MIN, "JwtExpired"},
      {"exp", -1e300, "JwtExpired"},
      {"exp", now + 3600, ""},
      {"exp", now + 3630, ""},
      {"exp", now + 3630.25, "JwtTooOld"},
      {"exp", now + 3631, "JwtTooOld"},
      {"exp", now + 10 * 365 * 86400, "JwtTooOld"},
      {"exp", now * 1000, "JwtTooOld"},  // Milliseconds.
      {"exp", INT64_MAX, "JwtTooOld"},
      {"exp", UINT64_MAX, "JwtTooOld"},
      {"exp", 1e300, "JwtTooOld"},
      {"iat", now - 3630, ""},
      {"iat", now - 3631, "JwtTooOld"},
      {"iat", 0, "JwtTooOld"},
      {"iat", -1e300, "JwtTooOld"},
      {"iat", now + 30, ""},
      {"iat", now + 30.25, "JwtNotYetValid"},
      {"iat", now + 31, "JwtNotYetValid"},
      {"iat", UINT64_MAX, "JwtNotYetValid"},
      {"nbf", 0, ""},
      {"nbf", now + 30, ""},
      {"nbf", now + 31, "JwtNotYetValid"},
      {"nbf", UINT64_MAX, "JwtNotYetValid"},
      {"nbf", 1e300, "JwtNotYetValid"},
  };
  for (const auto& [claim, value, error] : cases) {
    EXPECT_EQ(Refusal(MakeJwt(signer_, PayloadWith(claim, value))), error) << claim << " " << value;
    EXPECT_EQ(directory_.asked.empty(), *error != '\0') << claim << " " << value;
  }
}

TEST_F(ServiceJwtTest, ExpiresAtTheVeryInstant) {
  const std::string jwt = MakeJwt(signer_, Payload());
  const absl::Time expiry = kNow + absl::Seconds(60);
  EXPECT_EQ(Refusal(jwt, expiry - absl::Microseconds(1)), "");
  EXPECT_EQ(Refusal(jwt, expiry), "JwtExpired");
  EXPECT_EQ(Refusal(jwt, expiry + absl::Seconds(1)), "JwtExpired");
}

TEST_F(ServiceJwtTest, NumbersThatAreNoneAreRefused) {
  for (const char* number : {"1e999", "-1e999", "NaN", "Infinity", "0x6B49D200", "01800000030", "+1800000030"}) {
    const std::string payload = absl::StrReplaceAll(Payload().dump(), {{absl::StrCat(kNowSeconds + 60), number}});
    EXPECT_EQ(Refusal(MakeJwt(signer_, R"({"alg":"ES256K"})", payload)), "BadJwt") << number;
  }
}

TEST_F(ServiceJwtTest, IssueTimeMayBeAbsent) { EXPECT_EQ(Refusal(MakeJwt(signer_, PayloadWithout("iat"))), ""); }

TEST_F(ServiceJwtTest, AudienceMethodAndIssuerAreComparedWhole) {
  const struct {
    const char* claim;
    std::string value;
    const char* error;
  } cases[] = {
      {"aud", kService, ""},
      {"aud", kServiceWithFragment, ""},
      {"aud", absl::StrCat(kService, "#other"), "BadJwtAudience"},
      {"aud", absl::StrCat(kService, "#"), "BadJwtAudience"},
      {"aud", "did:web:api.example.com ", "BadJwtAudience"},
      {"aud", "did:web:API.example.com", "BadJwtAudience"},
      {"aud", "did:web:api.example", "BadJwtAudience"},
      {"aud", "did:web:elsewhere.example.com", "BadJwtAudience"},
      {"aud", "", "BadJwtAudience"},
      {"lxm", "app.didpic.identity.mintwidgettoken", "BadJwtLexiconMethod"},
      {"lxm", "App.didpic.identity.mintWidgetToken", "BadJwtLexiconMethod"},
      {"lxm", "app.didpic.identity.revokeWidgetToken", "BadJwtLexiconMethod"},
      {"lxm", "app.didpic.identity.mintWidgetToken#main", "BadJwtLexiconMethod"},
      {"lxm", "*", "BadJwtLexiconMethod"},
      {"lxm", "", "BadJwtLexiconMethod"},
      {"iss", absl::StrCat(kDid, "#atproto"), "BadJwtIss"},
      {"iss", absl::StrCat(kDid, "#atproto_labeler"), "BadJwtIss"},
      {"iss", absl::StrCat(kDid, "#"), "BadJwtIss"},
      {"iss", "did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N", "BadJwtIss"},
      {"iss", "did:web:example.com:user:alice", "BadJwtIss"},
      {"iss", "did:plc:short", "BadJwtIss"},
      {"iss", "alice.example.com", "BadJwtIss"},
      {"iss", "", "BadJwtIss"},
  };
  for (const auto& [claim, value, error] : cases) {
    EXPECT_EQ(Refusal(MakeJwt(signer_, PayloadWith(claim, value))), error) << claim << " " << value;
    EXPECT_EQ(directory_.asked.empty(), *error != '\0') << claim << " " << value;
  }
  EXPECT_EQ(Refusal(MakeJwt(signer_, PayloadWithout("lxm"))), "BadJwtLexiconMethod");
}

TEST_F(ServiceJwtTest, AudienceThatIsNotConfiguredIsRefusedInEitherForm) {
  const ServiceJwtVerifier with_fragment_only({kServiceWithFragment}, directory_.Resolver());
  EXPECT_TRUE(
      with_fragment_only.Verify(MakeJwt(signer_, PayloadWith("aud", kServiceWithFragment)), kMethod, kNow).ok());
  EXPECT_FALSE(with_fragment_only.Verify(MakeJwt(signer_, Payload()), kMethod, kNow).ok());
  const ServiceJwtVerifier for_nobody({}, directory_.Resolver());
  EXPECT_FALSE(for_nobody.Verify(MakeJwt(signer_, Payload()), kMethod, kNow).ok());
}

// Each JWT has the fault of its row and of all rows below; the first one is what it is refused for.
TEST_F(ServiceJwtTest, ChecksAreMadeInTheOrderOfTheReference) {
  json payload = Payload();
  const std::string header = R"({"alg":"ES256K"})";
  std::string error = "BadJwtSignature";
  const TestSigner stranger = TestSigner::Generate(KeyCurve::kK256);
  EXPECT_EQ(Refusal(MakeJwt(stranger, header, payload.dump())), error);
  const struct {
    const char* claim;
    json value;
    const char* error;
  } steps[] = {{"iss", "nobody", "BadJwtIss"},
               {"lxm", "a.b.c", "BadJwtLexiconMethod"},
               {"aud", "did:web:elsewhere.example.com", "BadJwtAudience"},
               {"nbf", kNowSeconds + 1000, "JwtNotYetValid"},
               {"iat", 0, "JwtTooOld"},
               {"exp", kNowSeconds - 1, "JwtExpired"},
               {"jti", 1, "BadJwt"}};
  for (const auto& [claim, value, expected] : steps) {
    payload[claim] = value;
    EXPECT_EQ(Refusal(MakeJwt(stranger, header, payload.dump())), expected) << claim;
  }
  EXPECT_EQ(Refusal(MakeJwt(stranger, R"({"alg":"ES256K","typ":"at+jwt"})", payload.dump())), "BadJwtType");
  EXPECT_EQ(Refusal(MakeJwt(stranger, R"({"alg":"none","typ":"at+jwt"})", payload.dump())), "BadJwt");
}

TEST_F(ServiceJwtTest, DirectoryIsAskedAgainOnceForAChangedKey) {
  const TestSigner new_signer = TestSigner::Generate(KeyCurve::kP256);
  directory_.fresh = DocumentOf(new_signer);
  EXPECT_EQ(Refusal(MakeJwt(new_signer, Payload())), "");
  ASSERT_EQ(directory_.asked.size(), 2u);
  EXPECT_EQ(directory_.asked[0].second, Freshness::kCached);
  EXPECT_EQ(directory_.asked[1], std::make_pair(std::string(kDid), Freshness::kForced));
  // A key that is neither the old nor the new one.
  EXPECT_EQ(Refusal(MakeJwt(TestSigner::Generate(KeyCurve::kP256), Payload())), "BadJwtSignature");
  EXPECT_EQ(directory_.asked.size(), 2u);
  // The old key is still in the cache, and what it signed needs no second look.
  EXPECT_EQ(Refusal(MakeJwt(signer_, Payload())), "");
  EXPECT_EQ(directory_.asked.size(), 1u);
}

TEST_F(ServiceJwtTest, DirectoryIsAskedAgainOnceForABadSignature) {
  EXPECT_EQ(Refusal(MakeJwt(TestSigner::Generate(KeyCurve::kK256), Payload())), "BadJwtSignature");
  EXPECT_EQ(directory_.asked.size(), 2u);
}

TEST_F(ServiceJwtTest, OutageIsNeverTheViewersFault) {
  const struct {
    absl::Status status;
    const char* error;
  } cases[] = {
      {absl::NotFoundError("no such DID"), "BadJwtIss"},
      {absl::UnavailableError("refused"), "UpstreamFailure"},
      {absl::DeadlineExceededError("slow"), "UpstreamTimeout"},
      {absl::ResourceExhaustedError("too many look-ups"), "UpstreamFailure"},
      {absl::InternalError("a fault of ours"), "UpstreamFailure"},
      {absl::UnauthenticatedError("the directory's word, not ours"), "UpstreamFailure"},
  };
  for (const auto& [status, error] : cases) {
    directory_.cached = status;
    directory_.fresh = DocumentOf(signer_);
    EXPECT_EQ(Refusal(MakeJwt(signer_, Payload())), error) << status;
    EXPECT_EQ(directory_.asked.size(), 1u);
    // The same if only the second, forced look-up fails: the key may have changed.
    directory_.cached = DocumentOf(TestSigner::Generate(KeyCurve::kK256));
    directory_.fresh = status;
    EXPECT_EQ(Refusal(MakeJwt(signer_, Payload())), error) << status;
  }
}

TEST_F(ServiceJwtTest, ErrorsQuoteNeitherTheJwtNorTheResolver) {
  const std::string jwt = MakeJwt(signer_, PayloadWith("iss", "did:plc:hunter2"));
  EXPECT_EQ(Verify(jwt).status().message().find("hunter2"), absl::string_view::npos);
  directory_.cached = absl::UnavailableError("hunter2");
  EXPECT_EQ(Verify(MakeJwt(signer_, Payload())).status().message().find("hunter2"), absl::string_view::npos);
}

class SingleUseIdTest : public ServiceJwtTest {
 protected:
  std::string IdOf(absl::string_view jwt) { return Verify(jwt)->single_use_id; }
  static std::string WithHighS(const TestSigner& signer, const std::string& jwt) {
    const std::string signed_part = jwt.substr(0, jwt.rfind('.'));
    return absl::StrCat(signed_part, ".", absl::WebSafeBase64Escape(signer.SignHighS(signed_part)));
  }
};

TEST_F(SingleUseIdTest, IsTheJtiAlone) {
  const std::string id = IdOf(MakeJwt(signer_, Payload()));
  EXPECT_EQ(id.size(), 64u);
  EXPECT_EQ(IdOf(MakeJwt(signer_, PayloadWith("exp", kNowSeconds + 61))), id);
  EXPECT_NE(IdOf(MakeJwt(signer_, PayloadWith("jti", "another"))), id);
  EXPECT_EQ(IdOf(MakeJwt(signer_, PayloadWith("jti", std::string(1500, 'x')))).size(), 64u);
}

TEST_F(SingleUseIdTest, SurvivesASignatureWrittenAnew) {
  for (const json& payload : {Payload(), PayloadWithout("jti")}) {
    const std::string jwt = MakeJwt(signer_, payload);
    EXPECT_EQ(IdOf(WithHighS(signer_, jwt)), IdOf(jwt));
  }
}

TEST_F(SingleUseIdTest, WithoutAJtiIsTheSignedPart) {
  const std::string jwt = MakeJwt(signer_, PayloadWithout("jti"));
  json later = PayloadWithout("jti");
  later["iat"] = kNowSeconds + 1;
  EXPECT_NE(IdOf(MakeJwt(signer_, later)), IdOf(jwt));
  // A jti cannot be chosen so as to look like another JWT's signed part.
  EXPECT_NE(IdOf(MakeJwt(signer_, PayloadWith("jti", jwt.substr(0, jwt.rfind('.'))))), IdOf(jwt));
}

}  // namespace
}  // namespace tokens::testing
