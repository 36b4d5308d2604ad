// What an operator is told of other hosts, through a real channel and the generated stub.
#include "token_service/diagnosis_rpc.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "storage/memory_token_store.h"
#include "tests/support/fake_clock.h"
#include "token_service/admin_rpc.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/status_details.h"
#include "token_service/caller_authorizer.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

using nlohmann::json;
using Step = pb::DiagnosisStep;

constexpr char kDid[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kId[] = "https://app.example.com/client.json";

class DiagnosisRpcTest : public ::testing::Test {
 protected:
  ~DiagnosisRpcTest() override { server_->Shutdown(); }

  void Start(GetJson get, DiscoverAccount discover = nullptr) {
    diagnosis_ = std::make_unique<DiagnosisRpc>(std::move(get), std::move(discover), calls_, lane_);
    rpc_ = std::make_unique<AdminRpc>(accounts_, *diagnosis_, no_backup_rpc_, stats_, calls_, lane_);
    grpc::ServerBuilder builder;
    builder.RegisterService(rpc_.get());
    server_ = builder.BuildAndStart();
    stub_ = pb::AdminService::NewStub(server_->InProcessChannel({}));
  }
  absl::Status Describe(const std::string& client_id) {
    pb::DescribeClientRequest request;
    request.set_client_id(client_id);
    grpc::ClientContext context;
    return FromGrpcStatus(stub_->DescribeClient(&context, request, &response_));
  }
  absl::Status Discover(const pb::DiscoverServerRequest& request) {
    grpc::ClientContext context;
    return FromGrpcStatus(stub_->DiscoverServer(&context, request, &discovered_));
  }
  static pb::DiscoverServerRequest ByDid(const std::string& did) {
    pb::DiscoverServerRequest request;
    request.set_did(did);
    return request;
  }
  static pb::DiscoverServerRequest ByHandle(const std::string& handle) {
    pb::DiscoverServerRequest request;
    request.set_handle(handle);
    return request;
  }
  static json Document() {
    return {{"client_id", kId},
            {"client_name", "An app"},
            {"application_type", "native"},
            {"scope", "atproto"},
            {"redirect_uris", {"http://127.0.0.1/"}},
            {"token_endpoint_auth_method", "none"},
            {"dpop_bound_access_tokens", true}};
  }
  static GetJson Serving(const json& document) {
    return [document](const std::string&) { return HttpReply{200, "application/json", document.dump()}; };
  }

  storage::MemoryTokenStore store_;
  testing::FakeClock clock_;
  AccountRegister accounts_{store_, clock_};
  SystemClock deadlines_;
  const CallerAuthorizer everybody_{};
  RpcCalls calls_{4, deadlines_, everybody_};
  WorkLane lane_{1, 2};
  ServiceMetrics metrics_{absl::UnixEpoch(), ""};
  StatsRpc stats_{metrics_, store_, calls_, lane_};
  std::unique_ptr<DiagnosisRpc> diagnosis_;
  BackupMaker no_backups_{nullptr, clock_, {}};
  BackupRpc no_backup_rpc_{no_backups_, calls_, lane_};
  std::unique_ptr<AdminRpc> rpc_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::AdminService::Stub> stub_;
  pb::DescribeClientResponse response_;
  pb::DiscoverServerResponse discovered_;
};

TEST_F(DiagnosisRpcTest, AGoodClientIsDescribed) {
  Start(Serving(Document()));
  ASSERT_TRUE(Describe(kId).ok());
  ASSERT_EQ(response_.steps_size(), 3);
  for (const Step& step : response_.steps()) {
    EXPECT_EQ(step.outcome(), Step::OK) << step.name();
    EXPECT_EQ(step.detail(), "");
  }
  EXPECT_EQ(response_.steps(0).name(), "client_id");
  EXPECT_EQ(response_.client().client_id(), kId);
  EXPECT_EQ(response_.client().type(), pb::OauthClient::PUBLIC);
  EXPECT_EQ(response_.client().name(), "An app");
  EXPECT_EQ(response_.client().scope(), "atproto");
  EXPECT_EQ(response_.client().redirect_uris(0), "http://127.0.0.1/");
  EXPECT_TRUE(response_.client().native());
  ASSERT_TRUE(Describe("http://localhost").ok());
  EXPECT_EQ(response_.client().type(), pb::OauthClient::LOOPBACK);
}

TEST_F(DiagnosisRpcTest, ABrokenRuleIsTheLastStep) {
  json document = Document();
  document["scope"] = "email";
  Start(Serving(document));
  ASSERT_TRUE(Describe(kId).ok());
  ASSERT_EQ(response_.steps_size(), 3);
  EXPECT_EQ(response_.steps(1).outcome(), Step::OK);
  EXPECT_EQ(response_.steps(2).outcome(), Step::FAILED);
  EXPECT_EQ(response_.steps(2).rule(), "scope_atproto");
  EXPECT_NE(response_.steps(2).detail(), "");
  EXPECT_FALSE(response_.has_client());
}

TEST_F(DiagnosisRpcTest, AHostThatDoesNotAnswerIsNotABrokenRule) {
  Start([](const std::string&) { return absl::DeadlineExceededError("slow"); });
  ASSERT_TRUE(Describe(kId).ok());
  ASSERT_EQ(response_.steps_size(), 2);
  EXPECT_EQ(response_.steps(1).outcome(), Step::UNREACHABLE);
  EXPECT_EQ(response_.steps(1).rule(), "");
  EXPECT_EQ(response_.steps(1).detail(), "slow");
  EXPECT_FALSE(response_.has_client());
}

TEST_F(DiagnosisRpcTest, AClientMustBeNamed) {
  Start(Serving(Document()));
  EXPECT_EQ(GetInvalidField(Describe(""))->field, "client_id");
}

TEST_F(DiagnosisRpcTest, AServiceThatAsksNoOtherHostSaysSo) {
  Start(nullptr);
  const absl::Status status = Describe(kId);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(GetReason(status)->reason, "IDENTITY_FETCH_OFF");
  EXPECT_EQ(GetReason(Discover(ByDid(kDid)))->reason, "IDENTITY_FETCH_OFF");
}

TEST_F(DiagnosisRpcTest, EveryStepOfADiscoveryIsTold) {
  std::string asked;
  Start(nullptr, [&asked](absl::string_view account) {
    asked = std::string(account);
    return Discovery{{{"handle_syntax", DiscoveryStep::Outcome::kSkipped, "a DID was given"},
                      {"did_document", DiscoveryStep::Outcome::kOk, "from the directory"},
                      {"resource_metadata", DiscoveryStep::Outcome::kUnreachable, "slow: timeout"},
                      {"server_metadata", DiscoveryStep::Outcome::kFailed, "scope_atproto: not listed"}},
                     kDid,
                     "alice.example.com",
                     "https://pds.example.com",
                     "https://auth.example.com"};
  });
  ASSERT_TRUE(Discover(ByDid(kDid)).ok());
  EXPECT_EQ(asked, kDid);
  ASSERT_EQ(discovered_.steps_size(), 4);
  const Step::Outcome outcomes[] = {Step::SKIPPED, Step::OK, Step::UNREACHABLE, Step::FAILED};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(discovered_.steps(i).outcome(), outcomes[i]);
    EXPECT_EQ(discovered_.steps(i).rule(), i == 3 ? "scope_atproto" : "") << "only a broken rule is named as one";
  }
  EXPECT_EQ(discovered_.steps(3).name(), "server_metadata");
  EXPECT_EQ(discovered_.steps(3).detail(), "scope_atproto: not listed");
  EXPECT_EQ(discovered_.did(), kDid);
  EXPECT_EQ(discovered_.handle(), "alice.example.com");
  EXPECT_EQ(discovered_.pds(), "https://pds.example.com");
  EXPECT_EQ(discovered_.issuer(), "https://auth.example.com");
  ASSERT_TRUE(Discover(ByHandle("alice.example.com")).ok());
  EXPECT_EQ(asked, "alice.example.com");
}

TEST_F(DiagnosisRpcTest, AnAccountIsNamedByHandleOrDid) {
  Start(nullptr, [](absl::string_view) { return Discovery(); });
  EXPECT_EQ(GetInvalidField(Discover({}))->field, "account");
  EXPECT_EQ(GetInvalidField(Discover(ByDid("alice.example.com")))->field, "did");
  EXPECT_EQ(GetInvalidField(Discover(ByHandle(kDid)))->field, "handle");
}

}  // namespace
}  // namespace tokens
