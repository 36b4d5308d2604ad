// The mint and health handlers against a token service that answers as it is told.
#include <gmock/gmock.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"
#include "tests/support/test_signer.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/mutex.h"
#include "token_service/base/own_methods.h"
#include "token_service/base/status_details.h"
#include "token_service/identity/client_rule.h"
#include "token_service/jose/jwk.h"
#include "token_service/jose/sha256.h"
#include "xrpc_shim/dpop_nonce.h"
#include "xrpc_shim/health_handler.h"
#include "xrpc_shim/mint_handler.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kClientId[] = "https://app.example.com/client.json";
constexpr char kAudience[] = "did:web:api.example.com";

// Answers every Mint with a fixed status and reply, and keeps the last request.
class ScriptedTokenService final : public pb::TokenService::CallbackService {
 public:
  void Answer(const absl::Status& status) {
    MutexLock lock(mutex_);
    status_ = status;
  }
  pb::MintRequest last_request() {
    MutexLock lock(mutex_);
    return last_;
  }
  grpc::ServerUnaryReactor* Mint(grpc::CallbackServerContext* context, const pb::MintRequest* request,
                                 pb::MintResponse* response) override {
    MutexLock lock(mutex_);
    last_ = *request;
    response->set_token("dpwt_example");
    response->set_token_id("00ff");
    response->mutable_expire_time()->set_seconds(1'931'536'000);
    response->mutable_expire_time()->set_nanos(7'000'000);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(ToGrpcStatus(status_));
    return reactor;
  }

 private:
  Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  pb::MintRequest last_ ABSL_GUARDED_BY(mutex_);
};

class HandlersTest : public ::testing::Test {
 protected:
  HandlersTest() {
    grpc::EnableDefaultHealthCheckService(true);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    server_->GetHealthCheckService()->SetServingStatus(pb::TokenService::service_full_name(), true);
    client_ = *TokenClient::Create("127.0.0.1:" + std::to_string(port), {});
  }

  HttpRequest Request() {
    HttpRequest request;
    request.method = "POST";
    request.request_id = "request-1";
    request.deadline = absl::Now() + absl::Seconds(20);
    return request;
  }
  HttpRequest SignedRequest(const std::string& jti = "jti-1") {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    HttpRequest request = Request();
    request.headers = {{"Authorization", "Bearer " + testing::MakeJwt(signer_, nlohmann::json{{"iss", kAlice},
                                                                                              {"aud", kAudience},
                                                                                              {"exp", now + 60},
                                                                                              {"iat", now},
                                                                                              {"lxm", kMintWidgetToken},
                                                                                              {"jti", jti}})}};
    return request;
  }
  // Signed by the same key for the issuer and for the app, which nothing forbids.
  HttpRequest OauthRequest(const std::string& jti = "jti-1") {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    const nlohmann::json token_header = {{"typ", "at+jwt"}, {"alg", signer_.algorithm()}, {"kid", "1"}};
    const nlohmann::json token_payload = {{"iss", "https://auth.example.com"},
                                          {"sub", kAlice},
                                          {"aud", kAudience},
                                          {"client_id", kClientId},
                                          {"exp", now + 60},
                                          {"scope", "atproto transition:generic"},
                                          {"cnf", {{"jkt", ParsePublicJwk(signer_.Jwk())->thumbprint}}}};
    const std::string token = testing::MakeJwt(signer_, token_header.dump(), token_payload.dump());
    const nlohmann::json header = {{"typ", "dpop+jwt"}, {"alg", signer_.algorithm()}, {"jwk", signer_.Jwk()}};
    const nlohmann::json payload = {{"jti", jti},
                                    {"htm", "POST"},
                                    {"htu", std::string("https://api.example.com/xrpc/") + kMintWidgetToken},
                                    {"iat", now},
                                    {"ath", absl::WebSafeBase64Escape(Sha256(token))},
                                    {"nonce", nonces_.Current(clock_.Now())}};
    HttpRequest request = Request();
    request.path = std::string("/xrpc/") + kMintWidgetToken;
    request.headers = {{"Authorization", "DPoP " + token},
                       {"DPoP", testing::MakeJwt(signer_, header.dump(), payload.dump())}};
    return request;
  }
  HttpResponse Mint(const HttpRequest& request) {
    ServiceJwtVerifier service_jwts({kAudience}, [this](const std::string& did, Freshness) {
      return ParseDidDocument(did, testing::MakeDidDocument(did, signer_).dump());
    });
    OauthTokenVerifier tokens(
        {kAudience},
        [this](const std::string&, const std::string&) { return SigningKey::FromDidKey(signer_.DidKey()); },
        [](const std::string&, const std::string&) { return absl::OkStatus(); },
        [](const IncludedSet&) { return std::vector<RpcPermission>(); });
    OauthViewerAuth oauth(DpopVerifier("https://api.example.com", nonces_), std::move(tokens));
    const ViewerAuth auth(std::move(service_jwts), std::move(oauth), clock_, rates_);
    const FindClient find = [this](const std::string& client_id) {
      sought_clients_.push_back(client_id);
      return oauth_client_;
    };
    return MintHandler(auth, *client_, find).Handle(XrpcCall{request, kMintWidgetToken, {}});
  }
  static std::string ErrorOf(const HttpResponse& response) {
    return nlohmann::json::parse(response.body).value("error", "");
  }

  testing::FakeClock clock_;
  RateGate rates_{{{1000, absl::Minutes(1)}, {1000, absl::Minutes(1)}, ""}, clock_};
  testing::FakeRandom random_;
  const DpopNonces nonces_ = *DpopNonces::Create(random_);
  const testing::TestSigner signer_ = testing::TestSigner::Generate(KeyCurve::kK256);
  absl::StatusOr<ClientSummary> oauth_client_ = ClientSummary{ClientType::kConfidential, "An app"};
  std::vector<std::string> sought_clients_;
  ScriptedTokenService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<TokenClient> client_;
};

TEST_F(HandlersTest, AViewerGetsATokenThatNobodyStores) {
  const HttpResponse response = Mint(SignedRequest());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"token":"dpwt_example","expiresAt":"2031-03-17T17:46:40.007Z"})");
  EXPECT_THAT(response.headers, ::testing::Contains(::testing::Pair("Cache-Control", "no-store")));
  EXPECT_EQ(response.log_did, kAlice);
  EXPECT_EQ(response.log_token_id, "00ff");
}

TEST_F(HandlersTest, TheMintCarriesTheViewerAndTheSingleUseId) {
  Mint(SignedRequest("jti-1"));
  const pb::MintRequest first = service_.last_request();
  EXPECT_EQ(first.did(), kAlice);
  EXPECT_EQ(first.profile(), "");
  EXPECT_GT(first.single_use_id().expire_time().seconds(), absl::ToUnixSeconds(clock_.Now()) + 60)
      << "longer than the JWT holds";
  Mint(SignedRequest("jti-1"));
  EXPECT_EQ(service_.last_request().single_use_id().id(), first.single_use_id().id());
  Mint(SignedRequest("jti-2"));
  EXPECT_NE(service_.last_request().single_use_id().id(), first.single_use_id().id());
}

TEST_F(HandlersTest, AnOauthViewerMintsForHisAccountAndClient) {
  const HttpResponse response = Mint(OauthRequest("jti-1"));
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.log_did, kAlice);
  const pb::MintRequest first = service_.last_request();
  EXPECT_EQ(first.did(), kAlice);
  EXPECT_EQ(first.client_id(), kClientId);
  EXPECT_GT(first.single_use_id().expire_time().seconds(), absl::ToUnixSeconds(clock_.Now() + kDpopProofWindow))
      << "longer than the proof holds";
  Mint(OauthRequest("jti-1"));
  EXPECT_EQ(service_.last_request().single_use_id().id(), first.single_use_id().id());
  Mint(OauthRequest("jti-2"));
  EXPECT_NE(service_.last_request().single_use_id().id(), first.single_use_id().id());
  Mint(SignedRequest("jti-1"));
  EXPECT_NE(service_.last_request().single_use_id().id(), first.single_use_id().id());
  EXPECT_EQ(service_.last_request().client_id(), "");
}

TEST_F(HandlersTest, AMintCarriesWhatItsClientIs) {
  const struct {
    ClientType type;
    pb::OauthClient::Type sent;
  } kRows[] = {
      {ClientType::kPublic, pb::OauthClient::PUBLIC},
      {ClientType::kConfidential, pb::OauthClient::CONFIDENTIAL},
      {ClientType::kLoopback, pb::OauthClient::LOOPBACK},
  };
  for (const auto& row : kRows) {
    oauth_client_ = ClientSummary{row.type, "An app"};
    EXPECT_EQ(Mint(OauthRequest()).status, 200);
    EXPECT_EQ(service_.last_request().client_name(), "An app");
    EXPECT_EQ(service_.last_request().client_type(), row.sent);
  }
  EXPECT_EQ(sought_clients_, std::vector<std::string>(3, kClientId));
  EXPECT_EQ(Mint(SignedRequest()).status, 200);
  EXPECT_EQ(sought_clients_.size(), 3u) << "a service JWT names no client";
}

TEST_F(HandlersTest, AClientThatIsRejectedOrCannotBeAskedMintsAllTheSame) {
  for (const absl::Status& status : {ClientRejected("scope", "x"), absl::UnavailableError("x")}) {
    oauth_client_ = status;
    EXPECT_EQ(Mint(OauthRequest()).status, 200);
    EXPECT_EQ(service_.last_request().client_id(), kClientId);
    EXPECT_EQ(service_.last_request().client_name(), "");
    EXPECT_EQ(service_.last_request().client_type(), pb::OauthClient::TYPE_UNSPECIFIED);
  }
}

TEST_F(HandlersTest, AProofThatMintedBeforeIsRefusedAsSuch) {
  service_.Answer(WithReason(absl::AlreadyExistsError("x"), {"SINGLE_USE_ID_SEEN", {}}));
  const HttpResponse response = Mint(OauthRequest());
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(ErrorOf(response), "InvalidDpopProof");
}

TEST_F(HandlersTest, AnAccessTokenNeedsItsProofAndItsScheme) {
  HttpRequest no_proof = OauthRequest();
  no_proof.headers.pop_back();
  EXPECT_EQ(ErrorOf(Mint(no_proof)), "InvalidDpopProof");
  HttpRequest as_bearer = OauthRequest();
  as_bearer.headers[0].second.replace(0, 4, "Bearer");
  EXPECT_EQ(ErrorOf(Mint(as_bearer)), "BadJwtType");
  HttpRequest lower_case = OauthRequest();
  lower_case.headers[0].second.replace(0, 4, "dpop");
  EXPECT_EQ(Mint(lower_case).status, 200);
  for (const char* value : {"DPoP", "DPoP ", "DPoP a b"}) {
    HttpRequest malformed = OauthRequest();
    malformed.headers[0].second = value;
    EXPECT_EQ(ErrorOf(Mint(malformed)), "InvalidToken") << value;
  }
  HttpRequest twice = OauthRequest();
  twice.headers.push_back(twice.headers[0]);
  EXPECT_EQ(ErrorOf(Mint(twice)), "InvalidToken");
}

TEST_F(HandlersTest, WhoMayNotMintReachesNoTokenService) {
  HttpRequest widget = Request();
  widget.headers = {{"Authorization", "Bearer dpwt_" + std::string(49, 'a')}};
  EXPECT_EQ(Mint(widget).status, 403);
  EXPECT_EQ(ErrorOf(Mint(widget)), "InsufficientScope");
  EXPECT_EQ(ErrorOf(Mint(Request())), "AuthMissing");
  HttpRequest with_body = SignedRequest();
  with_body.body = "{}";
  EXPECT_EQ(Mint(with_body).status, 400);
  EXPECT_EQ(service_.last_request().did(), "");
}

TEST_F(HandlersTest, AuthenticationIsJudgedBeforeTheBody) {
  HttpRequest request = Request();
  request.body = "{}";
  EXPECT_EQ(Mint(request).status, 401);
}

absl::Status Inactive(const char* status) {
  return WithReason(absl::FailedPreconditionError("x"), {"ACCOUNT_INACTIVE", {{"status", status}}});
}

TEST_F(HandlersTest, EachFailureOfTheTokenServiceHasItsRow) {
  const struct {
    absl::Status status;
    int http_status;
    const char* error;
  } cases[] = {
      {WithReason(absl::AlreadyExistsError("x"), {"SINGLE_USE_ID_SEEN", {}}), 401, "JwtReplayed"},
      {Inactive("TAKENDOWN"), 403, "AccountTakedown"},
      {Inactive("SUSPENDED"), 403, "AccountTakedown"},
      {Inactive("DEACTIVATED"), 403, "AccountDeactivated"},
      {Inactive("something newer"), 403, "AccountTakedown"},
      {WithReason(absl::FailedPreconditionError("x"), {"ACCOUNT_INACTIVE", {}}), 403, "AccountTakedown"},
      {WithReason(absl::ResourceExhaustedError("x"), {"TOKEN_LIMIT_REACHED", {}}), 400, "TokenLimitReached"},
      {WithReason(absl::ResourceExhaustedError("x"), {"TOO_MANY_REQUESTS", {}}), 503, "NotEnoughResources"},
      {absl::ResourceExhaustedError("disk"), 503, "NotEnoughResources"},
      {absl::UnavailableError("x"), 502, "UpstreamFailure"},
      {absl::DeadlineExceededError("x"), 504, "UpstreamTimeout"},
      {absl::UnauthenticatedError("our certificate"), 500, "InternalServerError"},
      {absl::PermissionDeniedError("our role"), 500, "InternalServerError"},
      {WithReason(absl::NotFoundError("x"), {"UNKNOWN_PROFILE", {}}), 500, "InternalServerError"},
      {absl::InvalidArgumentError("x"), 500, "InternalServerError"},
      {absl::DataLossError("x"), 500, "InternalServerError"},
      {absl::InternalError("x"), 500, "InternalServerError"},
      {absl::UnimplementedError("x"), 500, "InternalServerError"},
      {absl::AbortedError("x"), 500, "InternalServerError"},
  };
  for (const auto& row : cases) {
    service_.Answer(row.status);
    const HttpResponse response = Mint(SignedRequest());
    EXPECT_EQ(response.status, row.http_status) << row.status;
    EXPECT_EQ(ErrorOf(response), row.error) << row.status;
    EXPECT_EQ(response.body.find("dpwt_"), std::string::npos);
  }
}

TEST_F(HandlersTest, ATokenServiceThatIsGoneIsAnOutage) {
  server_->Shutdown();
  server_->Wait();
  const HttpResponse response = Mint(SignedRequest());
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(HealthResponse(*client_, Request()).status, 503);
}

TEST_F(HandlersTest, HealthFollowsTheTokenService) {
  EXPECT_EQ(HealthResponse(*client_, Request()).status, 200);
  server_->GetHealthCheckService()->SetServingStatus(pb::TokenService::service_full_name(), false);
  const HttpResponse response = HealthResponse(*client_, Request());
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(ErrorOf(response), "Service Unavailable");
}

}  // namespace
}  // namespace tokens::xrpc
