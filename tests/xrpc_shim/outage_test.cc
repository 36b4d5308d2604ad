// Every outage, at every method, for every kind of credential: the real handlers never take it for a bad session. A
// 401, or an error by which clients drop theirs, would sign viewers out because a server of ours is down.
#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"
#include "tests/support/test_signer.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/mutex.h"
#include "token_service/base/own_methods.h"
#include "token_service/base/status_details.h"
#include "token_service/jose/jwk.h"
#include "token_service/jose/sha256.h"
#include "xrpc_shim/issuer_keys.h"
#include "xrpc_shim/list_handler.h"
#include "xrpc_shim/mint_handler.h"
#include "xrpc_shim/revoke_all_handler.h"
#include "xrpc_shim/revoke_handler.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;
using nlohmann::json;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kAudience[] = "did:web:api.example.com";
constexpr char kIssuer[] = "https://auth.example.com";

// Answers every call with one status, and the spending of a proof with another.
class ScriptedTokenService final : public pb::TokenService::CallbackService {
 public:
  void Answer(const absl::Status& status, const absl::Status& spending) {
    MutexLock lock(mutex_);
    status_ = status;
    spending_ = spending;
  }
  grpc::ServerUnaryReactor* SpendSingleUseId(grpc::CallbackServerContext* context, const pb::SpendSingleUseIdRequest*,
                                             pb::SpendSingleUseIdResponse*) override {
    return Finish(context, &ScriptedTokenService::spending_);
  }
  grpc::ServerUnaryReactor* Mint(grpc::CallbackServerContext* context, const pb::MintRequest*,
                                 pb::MintResponse*) override {
    return Finish(context, &ScriptedTokenService::status_);
  }
  grpc::ServerUnaryReactor* Revoke(grpc::CallbackServerContext* context, const pb::RevokeRequest*,
                                   pb::RevokeResponse*) override {
    return Finish(context, &ScriptedTokenService::status_);
  }
  grpc::ServerUnaryReactor* ListTokens(grpc::CallbackServerContext* context, const pb::ListTokensRequest*,
                                       pb::ListTokensResponse*) override {
    return Finish(context, &ScriptedTokenService::status_);
  }

 private:
  grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context,
                                   const absl::Status ScriptedTokenService::*status) {
    MutexLock lock(mutex_);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(ToGrpcStatus(this->*status));
    return reactor;
  }

  Mutex mutex_;  // For both.
  absl::Status status_;
  absl::Status spending_;
};

enum class Credential { kServiceJwt, kAccessToken, kWidgetToken };

using CallHandler = std::function<HttpResponse(const ViewerAuth&, TokenClient&, const XrpcCall&)>;

template <typename Handler>
CallHandler Calling() {
  return [](const ViewerAuth& auth, TokenClient& tokens, const XrpcCall& call) {
    return Handler(auth, tokens).Handle(call);
  };
}

// A method, how it is called, and by which credentials it can be.
struct Method {
  const char* nsid;
  const char* verb;
  std::string body;
  CallHandler handler;
  std::vector<Credential> credentials = {Credential::kServiceJwt, Credential::kAccessToken};
};

const std::string& WidgetToken() {
  static const std::string& text = *new std::string("dpwt_" + std::string(49, 'a'));
  return text;
}

// One line per method.
std::vector<Method> Methods() {
  const std::string own = json{{"token", WidgetToken()}}.dump();
  return {
      {kMintWidgetToken, "POST", "",
       [](const ViewerAuth& auth, TokenClient& tokens, const XrpcCall& call) {
         // The client's own host is down too: a mint does not depend on it.
         const auto unreachable = [](const std::string&) -> absl::StatusOr<ClientSummary> {
           return absl::UnavailableError("unreachable");
         };
         return MintHandler(auth, tokens, unreachable).Handle(call);
       }},
      {kListWidgetTokens, "GET", "", Calling<ListHandler>()},
      {kRevokeWidgetToken, "POST", R"({"id":"00112233445566778899aabbccddeeff"})", Calling<RevokeHandler>()},
      {kRevokeWidgetToken, "POST", own, Calling<RevokeHandler>(), {Credential::kWidgetToken}},
      {kRevokeAllWidgetTokens, "POST", "", Calling<RevokeAllHandler>()},
  };
}

class OutageTest : public ::testing::Test {
 protected:
  OutageTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    client_ = *TokenClient::Create(absl::StrCat("127.0.0.1:", port), {});
  }
  ~OutageTest() override { server_->Shutdown(); }

  HttpHeaders Authorization(const Method& method, Credential credential) {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    if (credential == Credential::kWidgetToken) return {{"Authorization", "Bearer " + WidgetToken()}};
    if (credential == Credential::kServiceJwt) {
      const json claims = {{"iss", kAlice}, {"aud", kAudience},   {"exp", now + 60},
                           {"iat", now},    {"lxm", method.nsid}, {"jti", "jti"}};
      return {{"Authorization", "Bearer " + testing::MakeJwt(signer_, claims)}};
    }
    const json token_header = {{"typ", "at+jwt"}, {"alg", signer_.algorithm()}, {"kid", "1"}};
    const json token_claims = {{"iss", kIssuer},
                               {"sub", kAlice},
                               {"aud", kAudience},
                               {"client_id", "https://app.example.com/client.json"},
                               {"exp", now + 60},
                               {"scope", "atproto transition:generic"},
                               {"cnf", {{"jkt", ParsePublicJwk(signer_.Jwk())->thumbprint}}}};
    const std::string token = testing::MakeJwt(signer_, token_header.dump(), token_claims.dump());
    const json header = {{"typ", "dpop+jwt"}, {"alg", signer_.algorithm()}, {"jwk", signer_.Jwk()}};
    const json claims = {{"jti", "jti"},
                         {"htm", method.verb},
                         {"htu", absl::StrCat("https://api.example.com/xrpc/", method.nsid)},
                         {"iat", now},
                         {"ath", absl::WebSafeBase64Escape(Sha256(token))},
                         {"nonce", nonces_.Current(clock_.Now())}};
    return {{"Authorization", "DPoP " + token}, {"DPoP", testing::MakeJwt(signer_, header.dump(), claims.dump())}};
  }

  absl::StatusOr<HttpReply> Fetch(const std::string& url) {
    if (!issuer_.ok()) return issuer_;
    if (issuer_reply_.has_value()) return *issuer_reply_;
    json key = signer_.Jwk();
    key["kid"] = "1";
    const json metadata = {{"issuer", kIssuer}, {"jwks_uri", absl::StrCat(kIssuer, "/keys")}};
    const json body = url == absl::StrCat(kIssuer, "/keys") ? json{{"keys", {key}}} : metadata;
    return HttpReply{200, "application/json", body.dump()};
  }

  // With nothing in any cache.
  HttpResponse Call(const Method& method, Credential credential) {
    DidResolver resolver([this](const std::string&) { return directory_; }, clock_, DidResolverOptions());
    const auto keys = *IssuerKeys::Create(
        {{kIssuer, "", true}}, [this](const std::string& url) { return Fetch(url); }, clock_);
    ServiceJwtVerifier jwts({kAudience}, [&resolver](const std::string& did, Freshness freshness) {
      return resolver.Resolve(did, freshness);
    });
    OauthTokenVerifier tokens(
        {kAudience}, [&keys](const std::string& iss, const std::string& kid) { return keys->Find(iss, kid); },
        [](const std::string&, const std::string&) { return absl::OkStatus(); },
        [](const IncludedSet&) { return std::vector<RpcPermission>(); });
    RateGate rates({{1000, absl::Minutes(1)}, {1000, absl::Minutes(1)}, ""}, clock_);
    const ViewerAuth auth(std::move(jwts),
                          OauthViewerAuth(DpopVerifier("https://api.example.com", nonces_), std::move(tokens)), clock_,
                          rates);
    HttpRequest request;
    request.method = method.verb;
    request.path = absl::StrCat("/xrpc/", method.nsid);
    request.headers = Authorization(method, credential);
    request.body = method.body;
    if (!method.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.deadline = absl::Now() + patience_;
    return method.handler(auth, *client_, XrpcCall{request, method.nsid, {}});
  }

  // Calls every method that takes one of `credentials`, each of which must meet the outage.
  void ExpectEverywhere(const std::vector<Credential>& credentials, int status, const std::string& error) {
    int calls = 0;
    for (const Method& method : Methods()) {
      for (const Credential credential : method.credentials) {
        if (std::find(credentials.begin(), credentials.end(), credential) == credentials.end()) continue;
        SCOPED_TRACE(absl::StrCat(method.nsid, ", credential ", static_cast<int>(credential)));
        const HttpResponse response = Call(method, credential);
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(json::parse(response.body).value("error", ""), error);
        EXPECT_TRUE(response.status >= 500 || response.status == 429);
        EXPECT_THAT(json::parse(response.body).value("error", ""),
                    ::testing::AnyOf("UpstreamFailure", "UpstreamTimeout", "NotEnoughResources", "InternalServerError",
                                     "RateLimitExceeded"));
        EXPECT_EQ(FindHeader(response.headers, "WWW-Authenticate").count, 0);
        ++calls;
      }
    }
    EXPECT_GT(calls, 0);
  }

  static std::vector<Credential> All() {
    return {Credential::kServiceJwt, Credential::kAccessToken, Credential::kWidgetToken};
  }

  testing::FakeClock clock_;
  testing::FakeRandom random_;
  const DpopNonces nonces_ = *DpopNonces::Create(random_);
  const testing::TestSigner signer_ = testing::TestSigner::Generate(KeyCurve::kK256);
  absl::StatusOr<std::string> directory_ = testing::MakeDidDocument(kAlice, signer_).dump();
  absl::Status issuer_;                    // Of every fetch from the issuer.
  std::optional<HttpReply> issuer_reply_;  // In place of what it would reply.
  absl::Duration patience_ = absl::Seconds(20);
  ScriptedTokenService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<TokenClient> client_;
};

TEST_F(OutageTest, WithoutAnOutageEveryMethodAnswers) {
  for (const Method& method : Methods()) {
    for (const Credential credential : method.credentials) {
      const HttpResponse response = Call(method, credential);
      EXPECT_EQ(response.status, 200) << method.nsid << ": " << response.body;
    }
  }
}

TEST_F(OutageTest, TheTokenServiceFails) {
  const struct {
    absl::Status status;
    int http_status;
    const char* error;
  } cases[] = {
      {absl::UnavailableError("x"), 502, "UpstreamFailure"},
      {absl::DeadlineExceededError("x"), 504, "UpstreamTimeout"},
      {absl::DataLossError("x"), 500, "InternalServerError"},
      {absl::InternalError("x"), 500, "InternalServerError"},
      {absl::UnknownError("x"), 500, "InternalServerError"},
      {absl::CancelledError("x"), 500, "InternalServerError"},
      {absl::AbortedError("x"), 500, "InternalServerError"},
      {absl::UnimplementedError("an older server"), 500, "InternalServerError"},
      {absl::UnauthenticatedError("our certificate"), 500, "InternalServerError"},
      {absl::PermissionDeniedError("our role"), 500, "InternalServerError"},
      {absl::ResourceExhaustedError("disk"), 503, "NotEnoughResources"},
      {WithReason(absl::ResourceExhaustedError("x"), {"TOO_MANY_REQUESTS", {}}), 503, "NotEnoughResources"},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.status.ToString());
    service_.Answer(row.status, absl::OkStatus());
    ExpectEverywhere(All(), row.http_status, row.error);
    service_.Answer(row.status, row.status);
    ExpectEverywhere(All(), row.http_status, row.error);
  }
}

TEST_F(OutageTest, TheTokenServiceIsGone) {
  server_->Shutdown();
  server_->Wait();
  ExpectEverywhere(All(), 502, "UpstreamFailure");
}

TEST_F(OutageTest, TheDeadlinePasses) {
  patience_ = -absl::Seconds(1);
  ExpectEverywhere(All(), 504, "UpstreamTimeout");
}

TEST_F(OutageTest, TheDirectoryFails) {
  const std::vector<Credential> credentials = {Credential::kServiceJwt};
  directory_ = absl::DeadlineExceededError("slow");
  ExpectEverywhere(credentials, 504, "UpstreamTimeout");
  for (const absl::Status& status : {absl::UnavailableError("unreachable, or HTTP 5xx"), absl::InternalError("x"),
                                     absl::ResourceExhaustedError("too many fetches")}) {
    directory_ = status;
    ExpectEverywhere(credentials, 502, "UpstreamFailure");
  }
}

TEST_F(OutageTest, TheIssuerFails) {
  const std::vector<Credential> credentials = {Credential::kAccessToken};
  issuer_ = absl::DeadlineExceededError("slow");
  ExpectEverywhere(credentials, 504, "UpstreamTimeout");
  for (const absl::Status& status : {absl::UnavailableError("unreachable"), absl::NotFoundError("no such host"),
                                     absl::PermissionDeniedError("a forbidden address")}) {
    issuer_ = status;
    ExpectEverywhere(credentials, 502, "UpstreamFailure");
  }
  issuer_ = absl::OkStatus();
  for (const HttpReply& reply : {HttpReply{500, "application/json", "{}"}, HttpReply{404, "application/json", "{}"},
                                 HttpReply{200, "text/html", "<p>"}, HttpReply{200, "application/json", "garbage"}}) {
    issuer_reply_ = reply;
    ExpectEverywhere(credentials, 502, "UpstreamFailure");
  }
}

}  // namespace
}  // namespace tokens::xrpc
