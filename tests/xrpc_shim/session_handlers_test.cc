// The session methods against a SessionService that answers as it is told.
#include "xrpc_shim/session_handlers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"
#include "tests/support/scripted_session_service.h"
#include "tests/support/test_signer.h"
#include "token_service/base/status_details.h"
#include "token_service/jose/jwk.h"
#include "token_service/jose/sha256.h"
#include "xrpc_shim/dpop_nonce.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;
using testing::ScriptedSessionService;
using Json = nlohmann::ordered_json;
using Refusal = pb::SessionRefusal;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kJwt[] = "eyJh.eyJi.c2ln";

using Method = HttpResponse (SessionHandlers::*)(const XrpcCall&) const;
const struct {
  const char* nsid;
  const char* verb;
  Method method;
} kMethods[] = {
    {kRefreshSession, "POST", &SessionHandlers::Refresh},
    {kGetSession, "GET", &SessionHandlers::Get},
    {kDeleteSession, "POST", &SessionHandlers::Delete},
};

class SessionHandlersTest : public ::testing::Test {
 protected:
  SessionHandlersTest() { service_.Answer(GoodScript()); }

  static ScriptedSessionService::Script GoodScript(pb::Account::Status status = pb::Account::ACTIVE) {
    ScriptedSessionService::Script script;
    pb::SessionTokens& tokens = *script.refresh.mutable_tokens();
    tokens.set_access_jwt("new.access.jwt");
    tokens.set_refresh_jwt("new.refresh.jwt");
    tokens.set_did(kAlice);
    tokens.set_status(status);
    script.get.mutable_session()->set_did(kAlice);
    script.get.mutable_session()->set_status(status);
    return script;
  }
  void Refuse(int reason) {
    pb::SessionRefusal refusal;
    refusal.set_reason(static_cast<Refusal::Reason>(reason));
    ScriptedSessionService::Script script;
    *script.refresh.mutable_refusal() = refusal;
    *script.get.mutable_refusal() = refusal;
    *script.remove.mutable_refusal() = refusal;
    service_.Answer(script);
  }
  void Fail(const absl::Status& status) {
    ScriptedSessionService::Script script = GoodScript();
    script.status = status;
    service_.Answer(script);
  }

  HttpRequest Request(const std::string& nsid, const std::string& verb) {
    HttpRequest request;
    request.method = verb;
    request.path = "/xrpc/" + nsid;
    request.request_id = "request-1";
    request.trace = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", 1, "a=1 ,b=2"};
    request.deadline = absl::Now() + absl::Seconds(20);
    request.headers = {{"Authorization", std::string("Bearer ") + kJwt}};
    return request;
  }
  HttpRequest DpopRequest(const std::string& nsid, const std::string& verb, const std::string& nonce) {
    const nlohmann::json header = {{"typ", "dpop+jwt"}, {"alg", signer_.algorithm()}, {"jwk", signer_.Jwk()}};
    const nlohmann::json payload = {{"jti", "jti-1"},
                                    {"htm", verb},
                                    {"htu", "https://api.example.com/xrpc/" + nsid},
                                    {"iat", absl::ToUnixSeconds(clock_.Now())},
                                    {"ath", absl::WebSafeBase64Escape(Sha256(kJwt))},
                                    {"nonce", nonce}};
    HttpRequest request = Request(nsid, verb);
    request.headers = {{"Authorization", std::string("DPoP ") + kJwt},
                       {"DPoP", testing::MakeJwt(signer_, header.dump(), payload.dump())}};
    return request;
  }
  HttpResponse Call(Method method, const std::string& nsid, const HttpRequest& request) {
    const SessionHandlers handlers(
        DpopVerifier("https://api.example.com", nonces_), *client_,
        [this](const std::string&, Freshness) { return document_; }, rates_, clock_);
    return (handlers.*method)(XrpcCall{request, nsid, {}});
  }
  HttpResponse Refresh(const HttpRequest& request) { return Call(&SessionHandlers::Refresh, kRefreshSession, request); }
  HttpResponse Refresh() { return Refresh(Request(kRefreshSession, "POST")); }
  HttpResponse Get() { return Call(&SessionHandlers::Get, kGetSession, Request(kGetSession, "GET")); }
  static std::string ErrorOf(const HttpResponse& response) {
    return nlohmann::json::parse(response.body).value("error", "");
  }
  static std::string MessageOf(const HttpResponse& response) {
    return nlohmann::json::parse(response.body).value("message", "");
  }

  testing::FakeClock clock_;
  RateGate rates_{{{1000, absl::Minutes(1)}, {2, absl::Minutes(1)}, ""}, clock_};
  testing::FakeRandom random_;
  const DpopNonces nonces_ = *DpopNonces::Create(random_);
  const testing::TestSigner signer_ = testing::TestSigner::Generate(KeyCurve::kP256);
  const SigningKey key_ = *SigningKey::FromDidKey(signer_.DidKey());
  absl::StatusOr<DidDocument> document_ = DidDocument{kAlice, key_, {"alice.example.com"}, ""};
  ScriptedSessionService service_;
  const std::unique_ptr<TokenClient> client_ = service_.Connect();
};

Json AccountOfAlice(const testing::TestSigner& signer) {
  return {{"handle", "alice.example.com"},
          {"did", kAlice},
          {"didDoc",
           {{"@context", Json::array({"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"})},
            {"id", kAlice},
            {"alsoKnownAs", Json::array({"at://alice.example.com"})},
            {"verificationMethod",
             Json::array({{{"id", std::string(kAlice) + "#atproto"},
                           {"type", "Multikey"},
                           {"controller", kAlice},
                           {"publicKeyMultibase", signer.Multibase(testing::KeyForm::kMultikey)}}})}}},
          {"emailConfirmed", false},
          {"active", true}};
}

TEST_F(SessionHandlersTest, RefreshGivesTheSuccessorAndTheAccount) {
  const HttpResponse response = Refresh();
  EXPECT_EQ(response.status, 200);
  Json expected = {{"accessJwt", "new.access.jwt"}, {"refreshJwt", "new.refresh.jwt"}};
  expected.update(AccountOfAlice(signer_));
  EXPECT_EQ(response.body, expected.dump());
  EXPECT_THAT(response.headers, ::testing::Contains(::testing::Pair("Cache-Control", "no-store")));
  EXPECT_EQ(response.log_did, kAlice);
}

TEST_F(SessionHandlersTest, GetGivesTheAccountOnly) {
  const HttpResponse response = Get();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, AccountOfAlice(signer_).dump());
  EXPECT_THAT(response.headers, ::testing::Contains(::testing::Pair("Cache-Control", "no-store")));
}

TEST_F(SessionHandlersTest, DeleteAnswersWithNothing) {
  const HttpResponse response = Call(&SessionHandlers::Delete, kDeleteSession, Request(kDeleteSession, "POST"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.content_type, "");
  EXPECT_THAT(response.headers, ::testing::Contains(::testing::Pair("Cache-Control", "no-store")));
}

TEST_F(SessionHandlersTest, TheCallCarriesTheJwtAndTheRequestsName) {
  for (const auto& [nsid, verb, method] : kMethods) {
    Call(method, nsid, Request(nsid, verb));
    EXPECT_EQ(service_.seen().jwt, kJwt) << nsid;
    EXPECT_EQ(service_.seen().dpop_jkt, "") << nsid;
    EXPECT_EQ(service_.seen().request_id, "request-1") << nsid;
    EXPECT_EQ(service_.seen().traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") << nsid;
    EXPECT_EQ(service_.seen().tracestate, "a=1 ,b=2") << nsid;
  }
}

TEST_F(SessionHandlersTest, ADeactivatedAccountRefreshesAndIsSaidToBe) {
  service_.Answer(GoodScript(pb::Account::DEACTIVATED));
  for (const HttpResponse& response : {Refresh(), Get()}) {
    EXPECT_EQ(response.status, 200);
    const auto output = nlohmann::json::parse(response.body);
    EXPECT_EQ(output["active"], false);
    EXPECT_EQ(output["status"], "deactivated");
  }
}

TEST_F(SessionHandlersTest, ADirectoryThatIsDownEndsNoSession) {
  document_ = absl::UnavailableError("the directory is down");
  const HttpResponse response = Refresh();
  EXPECT_EQ(response.status, 200);
  const auto output = nlohmann::json::parse(response.body);
  EXPECT_EQ(output["refreshJwt"], "new.refresh.jwt");
  EXPECT_EQ(output["handle"], "handle.invalid");
  EXPECT_FALSE(output.contains("didDoc"));
}

// The table of the reference (@atproto/pds, auth-verifier), row by row. What is INVALID or EXPIRED of a JWT is the
// token service's to tell.
TEST_F(SessionHandlersTest, EachRefusalHasTheReferencesAnswer) {
  const struct {
    int reason;
    int http_status;
    const char* error;
    const char* message;
  } cases[] = {
      {Refusal::INVALID, 400, "InvalidToken", "Token could not be verified"},
      {Refusal::EXPIRED, 400, "ExpiredToken", "Token has expired"},
      {Refusal::REVOKED, 400, "ExpiredToken", "Token has been revoked"},
      {Refusal::ACCOUNT_INACTIVE, 401, "AccountTakedown", "Account has been taken down"},
      {Refusal::MISSING_TOKEN_ID, 401, "MissingTokenId", "Unexpected missing refresh token id"},
      {Refusal::DPOP_KEY_MISMATCH, 400, "InvalidToken", "Token is bound to a DPoP key"},
      {Refusal::REASON_UNSPECIFIED, 400, "InvalidToken", "Token could not be verified"},
      {99, 400, "InvalidToken", "Token could not be verified"},
  };
  for (const auto& [nsid, verb, method] : kMethods) {
    for (const auto& row : cases) {
      Refuse(row.reason);
      const HttpResponse response = Call(method, nsid, Request(nsid, verb));
      EXPECT_EQ(response.status, row.http_status) << nsid << " " << row.reason;
      EXPECT_EQ(ErrorOf(response), row.error) << nsid << " " << row.reason;
      EXPECT_EQ(MessageOf(response), row.message) << nsid << " " << row.reason;
    }
  }
}

TEST_F(SessionHandlersTest, EachAuthorizationFieldHasTheReferencesAnswer) {
  const std::string longest = "a." + std::string(4094, 'b');
  const struct {
    const char* why;
    std::vector<std::string> fields;
    int http_status;
    const char* error;  // "" for none.
  } cases[] = {
      {"none", {}, 401, "AuthMissing"},
      {"Basic", {"Basic YTpi"}, 401, "AuthMissing"},
      {"DPoP without a proof", {std::string("DPoP ") + kJwt}, 401, "InvalidDpopProof"},
      {"one word", {"Bearer"}, 400, "InvalidToken"},
      {"the token alone", {kJwt}, 400, "InvalidToken"},
      {"three words", {std::string("Bearer ") + kJwt + " more"}, 400, "InvalidToken"},
      {"two spaces", {std::string("Bearer  ") + kJwt}, 400, "InvalidToken"},
      {"unknown scheme", {std::string("Token ") + kJwt}, 400, "InvalidToken"},
      {"empty", {""}, 400, "InvalidToken"},
      {"two fields", {std::string("Bearer ") + kJwt, std::string("Bearer ") + kJwt}, 400, "InvalidToken"},
      {"not the text of a token", {"Bearer a\"b"}, 400, "InvalidToken"},
      {"bytes that are not UTF-8", {"Bearer a\xff"}, 400, "InvalidToken"},
      {"too long", {"Bearer " + longest + "c"}, 400, "InvalidToken"},
      {"as long as may be", {"Bearer " + longest}, 200, ""},
      {"scheme in any letter case", {std::string("bEaReR ") + kJwt}, 200, ""},
      {"a token that is no JWT is for the token service to refuse", {"Bearer dpwt_a"}, 200, ""},
  };
  for (const auto& [nsid, verb, method] : kMethods) {
    for (const auto& row : cases) {
      HttpRequest request = Request(nsid, verb);
      request.headers.clear();
      for (const std::string& field : row.fields) request.headers.emplace_back("Authorization", field);
      const int calls = service_.seen().calls;
      clock_.Advance(absl::Hours(1));  // Past every rate limit.
      const HttpResponse response = Call(method, nsid, request);
      EXPECT_EQ(response.status, row.http_status) << nsid << ", " << row.why;
      EXPECT_EQ(response.log_error, row.error) << nsid << ", " << row.why;
      EXPECT_EQ(service_.seen().calls - calls, row.http_status == 200 ? 1 : 0) << nsid << ", " << row.why;
    }
  }
}

TEST_F(SessionHandlersTest, ABodyIsRefusedBeforeAnythingIsConsumed) {
  for (const char* nsid : {kRefreshSession, kDeleteSession}) {
    HttpRequest request = Request(nsid, "POST");
    request.body = "{}";
    const Method method = nsid == kRefreshSession ? &SessionHandlers::Refresh : &SessionHandlers::Delete;
    const HttpResponse response = Call(method, nsid, request);
    EXPECT_EQ(response.status, 400) << nsid;
    EXPECT_EQ(ErrorOf(response), "InvalidRequest") << nsid;
    request.headers.clear();
    EXPECT_EQ(ErrorOf(Call(method, nsid, request)), "AuthMissing") << "authentication comes first";
  }
  EXPECT_EQ(service_.seen().calls, 0);
}

TEST_F(SessionHandlersTest, AnOutageNeverLooksLikeALostSession) {
  const struct {
    absl::Status status;
    int http_status;
    const char* error;
  } cases[] = {
      {absl::UnavailableError("x"), 502, "UpstreamFailure"},
      {absl::DeadlineExceededError("x"), 504, "UpstreamTimeout"},
      {absl::ResourceExhaustedError("x"), 503, "NotEnoughResources"},
      {WithReason(absl::ResourceExhaustedError("x"), {"TOO_MANY_REQUESTS", {}}), 503, "NotEnoughResources"},
      {absl::DataLossError("x"), 500, "InternalServerError"},
      {absl::InternalError("x"), 500, "InternalServerError"},
      {absl::UnknownError("x"), 500, "InternalServerError"},
      {absl::AbortedError("x"), 500, "InternalServerError"},
      {absl::CancelledError("x"), 500, "InternalServerError"},
      {absl::InvalidArgumentError("x"), 500, "InternalServerError"},
      {InvalidField("refresh_jwt", "x"), 500, "InternalServerError"},
      {absl::NotFoundError("x"), 500, "InternalServerError"},
      {absl::UnauthenticatedError("our certificate"), 500, "InternalServerError"},
      {absl::PermissionDeniedError("our role"), 500, "InternalServerError"},
      {absl::UnimplementedError("an older token service"), 501, "MethodNotImplemented"},
      {WithReason(absl::FailedPreconditionError("x"), {"SESSIONS_OFF", {}}), 501, "MethodNotImplemented"},
  };
  for (const auto& [nsid, verb, method] : kMethods) {
    for (const auto& row : cases) {
      Fail(row.status);
      const HttpResponse response = Call(method, nsid, Request(nsid, verb));
      EXPECT_EQ(response.status, row.http_status) << nsid << " " << row.status;
      EXPECT_EQ(ErrorOf(response), row.error) << nsid << " " << row.status;
    }
  }
}

TEST_F(SessionHandlersTest, ATokenServiceThatIsGoneIsAnOutage) {
  service_.Stop();
  for (const auto& [nsid, verb, method] : kMethods) {
    const HttpResponse response = Call(method, nsid, Request(nsid, verb));
    EXPECT_EQ(response.status, 502) << nsid;
    EXPECT_EQ(ErrorOf(response), "UpstreamFailure") << nsid;
  }
}

TEST_F(SessionHandlersTest, AReplyThatSaysNothingLetsNobodyIn) {
  service_.Answer({});
  EXPECT_EQ(Refresh().status, 500);
  EXPECT_EQ(Get().status, 500);
}

TEST_F(SessionHandlersTest, TheKeyOfAProofGoesAlongOnceTheProofIsVerified) {
  const std::string thumbprint = ParsePublicJwk(signer_.Jwk())->thumbprint;
  for (const auto& [nsid, verb, method] : kMethods) {
    const std::string nonce = nonces_.Current(clock_.Now());
    EXPECT_EQ(Call(method, nsid, DpopRequest(nsid, verb, nonce)).status, 200) << nsid;
    EXPECT_EQ(service_.seen().dpop_jkt, thumbprint) << nsid;
    EXPECT_EQ(service_.seen().jwt, kJwt) << nsid;
  }
}

TEST_F(SessionHandlersTest, AProofThatDoesNotHoldReachesNoTokenService) {
  for (const auto& [nsid, verb, method] : kMethods) {
    const HttpResponse stale = Call(method, nsid, DpopRequest(nsid, verb, "no nonce of ours"));
    EXPECT_EQ(stale.status, 401) << nsid;
    EXPECT_EQ(ErrorOf(stale), "UseDpopNonce") << nsid;
    const std::string nonce = nonces_.Current(clock_.Now());
    HttpRequest of_another_method = DpopRequest("com.example.other", verb, nonce);
    of_another_method.path = std::string("/xrpc/") + nsid;
    EXPECT_EQ(ErrorOf(Call(method, nsid, of_another_method)), "InvalidDpopProof") << nsid;
    HttpRequest of_another_token = DpopRequest(nsid, verb, nonce);
    of_another_token.headers[0].second += "x";
    EXPECT_EQ(ErrorOf(Call(method, nsid, of_another_token)), "InvalidDpopProof") << nsid;
  }
  EXPECT_EQ(service_.seen().calls, 0);
}

TEST_F(SessionHandlersTest, AnotherKeyThanTheSessionsIsRefusedWithADpopChallenge) {
  Refuse(Refusal::DPOP_KEY_MISMATCH);
  const HttpResponse response = Refresh(DpopRequest(kRefreshSession, "POST", nonces_.Current(clock_.Now())));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(ErrorOf(response), "InvalidToken");
  EXPECT_TRUE(absl::StartsWith(FindHeader(response.headers, "WWW-Authenticate").value, "DPoP error=\"invalid_token\""));
}

TEST_F(SessionHandlersTest, TheViewersRateHoldsBackGetAndNeverARefresh) {
  EXPECT_EQ(Get().status, 200);
  EXPECT_EQ(Get().status, 200);
  const HttpResponse refused = Get();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(ErrorOf(refused), "RateLimitExceeded");
  EXPECT_NE(FindHeader(refused.headers, "Retry-After").count, 0);
  EXPECT_EQ(Refresh().status, 200);
}

}  // namespace
}  // namespace tokens::xrpc
