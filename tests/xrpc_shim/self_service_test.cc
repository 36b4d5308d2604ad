// How viewers list and revoke their tokens: the handlers in front of a real token service on the memory store.
#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/memory_token_store.h"
#include "tests/support/fake_random.h"
#include "tests/support/faulty_token_store.h"
#include "tests/support/no_sessions.h"
#include "tests/support/policy_fixture.h"
#include "tests/support/test_signer.h"
#include "token_service/base/own_methods.h"
#include "token_service/token_rpc.h"
#include "xrpc_shim/list_handler.h"
#include "xrpc_shim/mint_handler.h"
#include "xrpc_shim/revoke_all_handler.h"
#include "xrpc_shim/revoke_handler.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kBob[] = "did:web:bob.example.com";
constexpr char kAudience[] = "did:web:api.example.com";

// OAuth viewers are another test's matter.
OauthViewerAuth NoOauthIssuers() {
  testing::FakeRandom random;
  return OauthViewerAuth(DpopVerifier("https://api.example.com", *DpopNonces::Create(random)),
                         OauthTokenVerifier(
                             {kAudience},
                             [](const std::string&, const std::string&) -> absl::StatusOr<SigningKey> {
                               return absl::NotFoundError("no issuer is trusted");
                             },
                             [](const std::string&, const std::string&) { return absl::OkStatus(); },
                             [](const IncludedSet&) { return std::vector<RpcPermission>(); }));
}

class SelfServiceTest : public ::testing::Test {
 protected:
  SelfServiceTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&rpc_);
    server_ = builder.BuildAndStart();
    client_ = *TokenClient::Create(absl::StrCat("127.0.0.1:", port), {});
  }
  ~SelfServiceTest() override { server_->Shutdown(); }

  std::string Jwt(const std::string& did, const std::string& nsid) {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    const json claims = {{"iss", did}, {"aud", kAudience}, {"exp", now + 60},
                         {"iat", now}, {"lxm", nsid},      {"jti", absl::StrCat("jti-", ++jwts_)}};
    return testing::MakeJwt(signer_, claims);
  }
  HttpRequest Request(const std::string& credential, const std::string& body = "") {
    HttpRequest request;
    request.request_id = "request-1";
    request.deadline = absl::Now() + absl::Seconds(20);
    if (!credential.empty()) request.headers.emplace_back("Authorization", "Bearer " + credential);
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = body;
    return request;
  }
  template <typename Handler>
  HttpResponse Call(const std::string& nsid, const HttpRequest& http, const QueryParams& params = {}) {
    return Handler(auth_, *client_).Handle(XrpcCall{http, nsid, params});
  }
  HttpResponse CallMintBy(const std::string& credential, const QueryParams& params) {
    const FindClient no_clients = [](const std::string&) { return absl::NotFoundError("no OAuth client calls here"); };
    return MintHandler(auth_, *client_, no_clients).Handle(XrpcCall{Request(credential), kMintWidgetToken, params});
  }
  HttpResponse CallMint(const std::string& did, const QueryParams& params = {}) {
    return CallMintBy(Jwt(did, kMintWidgetToken), params);
  }
  std::string Mint(const std::string& did) { return json::parse(CallMint(did).body).at("token"); }
  HttpResponse CallList(const std::string& did, const QueryParams& params = {}) {
    return Call<ListHandler>(kListWidgetTokens, Request(Jwt(did, kListWidgetTokens)), params);
  }
  json List(const std::string& did) {
    const HttpResponse response = CallList(did);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body).at("tokens");
  }
  HttpResponse CallRevoke(const std::string& credential, const json& input) {
    return Call<RevokeHandler>(kRevokeWidgetToken, Request(credential, input.dump()));
  }
  HttpResponse CallRevokeAs(const std::string& did, const json& input) {
    return CallRevoke(Jwt(did, kRevokeWidgetToken), input);
  }
  HttpResponse CallRevokeAll(const std::string& credential, const std::string& body = "") {
    return Call<RevokeAllHandler>(kRevokeAllWidgetTokens, Request(credential, body));
  }
  bool IsActive(const std::string& token) {
    const auto verdict = verifier_.Verify(token, "");
    EXPECT_TRUE(verdict.ok()) << verdict.status();
    return verdict.ok() && verdict->kind == Verdict::Kind::kActive;
  }
  static std::string ErrorOf(const HttpResponse& response) { return json::parse(response.body).value("error", ""); }

  storage::MemoryTokenStore memory_;
  testing::FaultyTokenStore store_{memory_};
  testing::PolicyFixture policy_;
  SystemClock clock_;
  SystemRandom random_;
  TokenIssuer issuer_{store_, policy_.file(), clock_, random_};
  UseRecorder uses_{store_};
  TokenVerifier verifier_{store_, policy_.file(), clock_, uses_};
  TokenRevoker revoker_{store_, clock_};
  testing::NoSessions sessions_{memory_, policy_.file(), clock_};
  TokenLister lister_{store_, clock_};
  ProofSpender spender_{store_, clock_};
  const CallerAuthorizer everybody_{};
  RpcCalls calls_{100, clock_, everybody_};
  WorkLane reads_{1, 10};
  WorkLane writes_{1, 10};
  TokenRpc rpc_{{issuer_, verifier_, revoker_, lister_, sessions_.verifier, spender_}, calls_, reads_, writes_, clock_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<TokenClient> client_;
  const testing::TestSigner signer_ = testing::TestSigner::Generate(KeyCurve::kK256);
  RateGate rates_{{{1000, absl::Minutes(1)}, {1000, absl::Minutes(1)}, ""}, clock_};
  const ViewerAuth auth_{ServiceJwtVerifier({kAudience},
                                            [this](const std::string& did, Freshness) {
                                              return ParseDidDocument(did,
                                                                      testing::MakeDidDocument(did, signer_).dump());
                                            }),
                         NoOauthIssuers(), clock_, rates_};
  int jwts_ = 0;
};

TEST_F(SelfServiceTest, AListShowsTheViewersTokensWithoutTheirSecrets) {
  const std::string token = Mint(kAlice);
  EXPECT_EQ(CallMint(kAlice, {{"label", "iPhone"}}).status, 200);
  Mint(kBob);
  const HttpResponse response = CallList(kAlice);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.headers, ::testing::Contains(::testing::Pair("Cache-Control", "no-store")));
  EXPECT_THAT(response.body, ::testing::Not(HasSubstr("dpwt_")));
  EXPECT_EQ(response.log_did, kAlice);
  const json body = json::parse(response.body);
  EXPECT_FALSE(body.contains("cursor"));
  ASSERT_EQ(body.at("tokens").size(), 2);
  int labels = 0;
  for (const json& each : body.at("tokens")) {
    EXPECT_THAT(each.at("id").get<std::string>(), ::testing::MatchesRegex("[0-9a-f]{32}"));
    EXPECT_THAT(each.at("createdAt").get<std::string>(), ::testing::EndsWith("Z"));
    EXPECT_THAT(each.at("expiresAt").get<std::string>(), ::testing::EndsWith("Z"));
    if (each.contains("label") && each.at("label") == "iPhone") ++labels;
  }
  EXPECT_EQ(labels, 1) << "no label is no member";
}

TEST_F(SelfServiceTest, AListSaysWhenATokenWasLastUsed) {
  const std::string token = Mint(kAlice);
  EXPECT_FALSE(List(kAlice).at(0).contains("lastUsedAt"));
  ASSERT_TRUE(IsActive(token));
  uses_.Flush();
  EXPECT_THAT(List(kAlice).at(0).at("lastUsedAt").get<std::string>(), ::testing::EndsWith(":00.000Z"));
}

TEST_F(SelfServiceTest, AListSaysWhatAskedForAToken) {
  const struct {
    storage::ClientType type;
    const char* shown;
  } kRows[] = {
      {storage::ClientType::kUnknown, nullptr},
      {storage::ClientType::kPublic, "public"},
      {storage::ClientType::kConfidential, "confidential"},
      {storage::ClientType::kLoopback, "loopback"},
  };
  for (const auto& row : kRows) {
    const std::string did = absl::StrCat("did:web:type", static_cast<int>(row.type), ".example.com");
    MintOrder order;
    order.did = did;
    order.client_id = "https://app.example.com/client.json";
    order.client_type = row.type;
    if (row.shown != nullptr) order.client_name = "An app";
    ASSERT_TRUE(issuer_.Mint(order).ok());
    const json token = List(did).at(0);
    EXPECT_EQ(token.at("clientId"), "https://app.example.com/client.json");
    EXPECT_EQ(token.contains("clientName"), row.shown != nullptr);
    EXPECT_EQ(token.contains("clientType"), row.shown != nullptr);
    if (row.shown == nullptr) continue;
    EXPECT_EQ(token.at("clientName"), "An app");
    EXPECT_EQ(token.at("clientType"), row.shown);
  }
}

TEST_F(SelfServiceTest, AListGoesOnFromPageToPage) {
  for (int i = 0; i < 3; ++i) Mint(kAlice);
  const json first = json::parse(CallList(kAlice, {{"limit", "2"}}).body);
  ASSERT_EQ(first.at("tokens").size(), 2);
  const json second = json::parse(CallList(kAlice, {{"limit", "2"}, {"cursor", first.at("cursor")}}).body);
  ASSERT_EQ(second.at("tokens").size(), 1);
  EXPECT_FALSE(second.contains("cursor"));
}

TEST_F(SelfServiceTest, BadParametersAreRefusedEvenBeforeTheViewerIsKnown) {
  const QueryParams cases[] = {{{"limit", "0"}},   {{"limit", "101"}},   {{"limit", "-1"}},
                               {{"limit", "ten"}}, {{"limit", ""}},      {{"limit", "1"}, {"limit", "2"}},
                               {{"limit", "1.5"}}, {{"cursor", "\xff"}}, {{"cursor", "a"}, {"cursor", "b"}}};
  for (const QueryParams& params : cases) {
    const HttpResponse response = Call<ListHandler>(kListWidgetTokens, Request(""), params);
    EXPECT_EQ(response.status, 400) << ::testing::PrintToString(params);
    EXPECT_EQ(ErrorOf(response), "InvalidRequest");
  }
  for (const QueryParams& params : {QueryParams{{"label", "\xff"}}, QueryParams{{"label", "a"}, {"label", "b"}}}) {
    EXPECT_EQ(CallMintBy("", params).status, 400);
  }
}

TEST_F(SelfServiceTest, WhatTheTokenServiceRefusesOfTheViewersInputIsInvalidRequest) {
  EXPECT_EQ(ErrorOf(CallList(kAlice, {{"cursor", "garbage"}})), "InvalidRequest");
  EXPECT_EQ(ErrorOf(CallMint(kAlice, {{"label", std::string(129, 'a')}})), "InvalidRequest");
  EXPECT_EQ(ErrorOf(CallMint(kAlice, {{"label", "a\nb"}})), "InvalidRequest");
  const HttpResponse response = CallRevokeAs(kAlice, {{"id", "xyz"}});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("id: must be 32 characters"));
}

TEST_F(SelfServiceTest, AnIdRevokesTheViewersOwnTokenAndNobodyElses) {
  const std::string token = Mint(kAlice);
  const std::string id = List(kAlice).at(0).at("id");
  const HttpResponse as_bob = CallRevokeAs(kBob, {{"id", id}});
  EXPECT_TRUE(IsActive(token));
  const HttpResponse of_nothing = CallRevokeAs(kBob, {{"id", std::string(32, '0')}});
  const HttpResponse as_alice = CallRevokeAs(kAlice, {{"id", id}});
  EXPECT_FALSE(IsActive(token));
  const HttpResponse again = CallRevokeAs(kAlice, {{"id", id}});
  for (const HttpResponse& response : {as_bob, of_nothing, as_alice, again}) {
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{}") << "no oracle";
  }
  EXPECT_TRUE(List(kAlice).empty());
}

TEST_F(SelfServiceTest, WhoeverHoldsATokenMayEndIt) {
  const std::string token = Mint(kAlice);
  EXPECT_EQ(CallRevokeAs(kBob, {{"token", token}}).body, "{}");
  EXPECT_FALSE(IsActive(token));
  EXPECT_EQ(CallRevokeAs(kBob, {{"token", "garbage"}}).body, "{}");
}

TEST_F(SelfServiceTest, AWidgetTokenRevokesItselfAndNothingElse) {
  const std::string token = Mint(kAlice);
  const std::string other = Mint(kAlice);
  const std::string id = List(kAlice).at(1).at("id");
  for (const json& input : {json{{"token", other}}, json{{"id", id}}}) {
    const HttpResponse response = CallRevoke(token, input);
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(ErrorOf(response), "InsufficientScope");
  }
  EXPECT_EQ(ErrorOf(CallRevokeAll(token)), "InsufficientScope");
  EXPECT_EQ(ErrorOf(Call<ListHandler>(kListWidgetTokens, Request(token))), "InsufficientScope");
  EXPECT_TRUE(IsActive(token));
  EXPECT_TRUE(IsActive(other));
  EXPECT_EQ(CallRevoke(token, {{"token", token}}).body, "{}");
  EXPECT_FALSE(IsActive(token));
  EXPECT_EQ(CallRevoke(token, {{"token", token}}).body, "{}");
  EXPECT_TRUE(IsActive(other));
}

TEST_F(SelfServiceTest, RevokeTakesExactlyOneName) {
  const json cases[] = {json::object(),       {{"id", "a"}, {"token", "b"}}, {{"id", 1}},
                        {{"token", nullptr}}, {{"other", "member"}},         {{"token", std::string(4097, 'a')}}};
  for (const json& input : cases) {
    const HttpResponse response = CallRevokeAs(kAlice, input);
    EXPECT_EQ(response.status, 400) << input;
    EXPECT_EQ(ErrorOf(response), "InvalidRequest") << input;
  }
  EXPECT_EQ(CallRevokeAs(kAlice, {{"token", "x"}, {"other", "ignored"}}).status, 200);
}

TEST_F(SelfServiceTest, AllOfTheViewersTokensEndTogether) {
  const std::string first = Mint(kAlice), second = Mint(kAlice), bobs = Mint(kBob);
  EXPECT_EQ(CallRevokeAll(Jwt(kAlice, kRevokeAllWidgetTokens), "{}").status, 400) << "takes no input";
  EXPECT_TRUE(IsActive(first));
  EXPECT_EQ(CallRevokeAll(Jwt(kAlice, kRevokeAllWidgetTokens)).body, R"({"revokedCount":2})");
  EXPECT_FALSE(IsActive(first));
  EXPECT_FALSE(IsActive(second));
  EXPECT_TRUE(IsActive(bobs));
  EXPECT_EQ(CallRevokeAll(Jwt(kAlice, kRevokeAllWidgetTokens)).body, R"({"revokedCount":0})");
}

TEST_F(SelfServiceTest, AuthenticationIsJudgedBeforeTheBodyAndForThisMethodOnly) {
  EXPECT_EQ(ErrorOf(CallRevoke("", "not an object")), "AuthMissing");
  EXPECT_EQ(ErrorOf(CallRevoke(Jwt(kAlice, kMintWidgetToken), "not an object")), "BadJwtLexiconMethod");
  EXPECT_EQ(ErrorOf(CallRevokeAll(Jwt(kAlice, kRevokeWidgetToken), "{}")), "BadJwtLexiconMethod");
  EXPECT_EQ(ErrorOf(Call<ListHandler>(kListWidgetTokens, Request(""))), "AuthMissing");
}

TEST_F(SelfServiceTest, AnOutageIsNeverTakenForABadTokenOrASuccess) {
  const std::string token = Mint(kAlice);
  const std::string id = List(kAlice).at(0).at("id");
  const struct {
    absl::Status fault;
    int status;
    const char* error;
  } cases[] = {{absl::UnavailableError("x"), 502, "UpstreamFailure"},
               {absl::DataLossError("x"), 500, "InternalServerError"},
               {absl::ResourceExhaustedError("x"), 503, "NotEnoughResources"},
               {absl::DeadlineExceededError("x"), 504, "UpstreamTimeout"}};
  for (const auto& row : cases) {
    store_.FailEverything(row.fault);
    for (const HttpResponse& response :
         {CallList(kAlice), CallRevokeAs(kAlice, {{"id", id}}), CallRevokeAs(kAlice, {{"token", token}}),
          CallRevoke(token, {{"token", token}}), CallRevokeAll(Jwt(kAlice, kRevokeAllWidgetTokens))}) {
      EXPECT_EQ(response.status, row.status) << row.fault << response.body;
      EXPECT_EQ(ErrorOf(response), row.error) << row.fault;
    }
  }
}

TEST_F(SelfServiceTest, AProofServesOnceWhateverTheMethod) {
  const std::string id(32, '0');
  const auto list = [this](const std::string& jwt) { return Call<ListHandler>(kListWidgetTokens, Request(jwt)); };
  const std::string list_jwt = Jwt(kAlice, kListWidgetTokens);
  EXPECT_EQ(list(list_jwt).status, 200);
  EXPECT_EQ(ErrorOf(list(list_jwt)), "JwtReplayed");
  const std::string revoke_jwt = Jwt(kAlice, kRevokeWidgetToken);
  EXPECT_EQ(CallRevoke(revoke_jwt, {{"no", "input"}}).status, 400);
  EXPECT_EQ(CallRevoke(revoke_jwt, {{"id", id}}).status, 200) << "what was malformed spent nothing";
  EXPECT_EQ(ErrorOf(CallRevoke(revoke_jwt, {{"id", id}})), "JwtReplayed");
  const std::string all_jwt = Jwt(kAlice, kRevokeAllWidgetTokens);
  EXPECT_EQ(CallRevokeAll(all_jwt).status, 200);
  const std::string token = Mint(kAlice);
  EXPECT_EQ(ErrorOf(CallRevokeAll(all_jwt)), "JwtReplayed");
  EXPECT_TRUE(IsActive(token)) << "by a replay";
}

}  // namespace
}  // namespace tokens::xrpc
