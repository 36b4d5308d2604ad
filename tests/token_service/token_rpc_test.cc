// TokenService through a real channel and the generated stub.
#include "token_service/token_rpc.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "storage/memory_token_store.h"
#include "tests/support/faulty_token_store.h"
#include "tests/support/metric_reader.h"
#include "tests/support/no_sessions.h"
#include "tests/support/policy_fixture.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/request_id.h"
#include "token_service/base/status_details.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;
using testing::kAllowedMethod;
using testing::ReadMetric;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

// Calls a hook before each Insert, which may block it.
class HookedTokenStore final : public testing::FaultyTokenStore {
 public:
  using FaultyTokenStore::FaultyTokenStore;
  void BeforeInsert(std::function<void()> hook) { hook_ = std::move(hook); }
  absl::StatusOr<storage::InsertOutcome> Insert(const storage::NewToken& token) override {
    if (hook_) hook_();
    return FaultyTokenStore::Insert(token);
  }

 private:
  std::function<void()> hook_;  // Set while no call is under way.
};

class TokenRpcTest : public ::testing::Test {
 protected:
  TokenRpcTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&rpc_);
    server_ = builder.BuildAndStart();
    stub_ = pb::TokenService::NewStub(server_->InProcessChannel({}));
  }
  ~TokenRpcTest() override { server_->Shutdown(); }

  grpc::Status Mint(const pb::MintRequest& request, pb::MintResponse* response) {
    grpc::ClientContext context;
    return stub_->Mint(&context, request, response);
  }
  std::string MintToken() {
    pb::MintRequest request;
    request.set_did(kAlice);
    pb::MintResponse response;
    EXPECT_TRUE(Mint(request, &response).ok());
    return response.token();
  }
  grpc::Status Validate(const std::string& token, const std::string& method, pb::ValidateResponse* response) {
    grpc::ClientContext context;
    pb::ValidateRequest request;
    request.set_token(token);
    request.set_method(method);
    return stub_->Validate(&context, request, response);
  }
  pb::Refusal::Reason RefusalOf(const std::string& token, const std::string& method) {
    pb::ValidateResponse response;
    EXPECT_TRUE(Validate(token, method, &response).ok());
    EXPECT_EQ(response.verdict_case(), pb::ValidateResponse::kRefusal);
    return response.refusal().reason();
  }
  grpc::Status Revoke(const pb::RevokeRequest& request, pb::RevokeResponse* response) {
    grpc::ClientContext context;
    return stub_->Revoke(&context, request, response);
  }

  storage::MemoryTokenStore memory_;
  HookedTokenStore store_{memory_};
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
  prometheus::Registry registry_;
  RpcCalls calls_{2, clock_, everybody_, RpcMetrics(registry_)};
  WorkLane reads_{1, 2};
  WorkLane writes_{2, 2};
  TokenRpc rpc_{{issuer_, verifier_, revoker_, lister_, sessions_.verifier, spender_}, calls_, reads_, writes_, clock_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::TokenService::Stub> stub_;
};

TEST_F(TokenRpcTest, CallsAreCountedByMethodCodeAndRole) {
  const auto calls = [&](const char* method, const char* code, const char* role) {
    return ReadMetric(registry_, "didpic_rpc_requests_total", {{"method", method}, {"code", code}, {"role", role}});
  };
  EXPECT_EQ(calls("Validate", "OK", "validator"), 0) << "there before the first";
  pb::ValidateResponse verdict;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Validate("garbage", "", &verdict).ok());
  ASSERT_FALSE(Validate("garbage", "no NSID", &verdict).ok());
  store_.FailEverything(absl::DataLossError("damaged"));
  pb::MintResponse minted;
  pb::MintRequest mint;
  mint.set_did(kAlice);
  ASSERT_EQ(Mint(mint, &minted).error_code(), grpc::DATA_LOSS);
  EXPECT_EQ(calls("Validate", "OK", "validator"), 3);
  EXPECT_EQ(calls("Validate", "INVALID_ARGUMENT", "validator"), 1);
  EXPECT_EQ(calls("Mint", "DATA_LOSS", "minter"), 1);
  EXPECT_EQ(calls("Mint", "OK", "minter"), 0);
  EXPECT_EQ(ReadMetric(registry_, "didpic_rpc_duration_seconds", {{"method", "Validate"}}), 4);
  EXPECT_EQ(ReadMetric(registry_, "didpic_rpc_in_flight"), 0);
}

TEST_F(TokenRpcTest, MintsRevocationsAndTheVerdictOnEachTokenAreCounted) {
  const auto verdicts = [&](const char* verdict) {
    return ReadMetric(registry_, "didpic_validate_verdicts_total", {{"verdict", verdict}});
  };
  const std::string token = MintToken();
  pb::ValidateResponse verdict;
  ASSERT_TRUE(Validate(token, kAllowedMethod, &verdict).ok());
  pb::BatchValidateRequest batch;
  for (const std::string& each : {token, std::string("garbage"), token}) batch.add_requests()->set_token(each);
  batch.mutable_requests(2)->set_method("app.example.feed.createPost");
  pb::BatchValidateResponse answers;
  grpc::ClientContext good;
  ASSERT_TRUE(stub_->BatchValidate(&good, batch, &answers).ok());
  EXPECT_EQ(verdicts("active"), 2);
  EXPECT_EQ(verdicts("malformed"), 1);
  EXPECT_EQ(verdicts("method_not_allowed"), 1);
  EXPECT_EQ(verdicts("revoked"), 0);

  batch.add_requests()->set_method("no NSID");
  grpc::ClientContext bad;
  ASSERT_FALSE(stub_->BatchValidate(&bad, batch, &answers).ok());
  EXPECT_EQ(verdicts("active"), 2) << "a batch that gets no answer has no verdicts";

  MintToken();
  EXPECT_EQ(ReadMetric(registry_, "didpic_tokens_minted_total", {{"profile", "widget"}}), 2);
  pb::RevokeRequest revoke;
  revoke.set_did(kAlice);
  pb::RevokeResponse revoked;
  ASSERT_TRUE(Revoke(revoke, &revoked).ok());
  ASSERT_TRUE(Revoke(revoke, &revoked).ok());
  EXPECT_EQ(ReadMetric(registry_, "didpic_tokens_revoked_total"), 2);
  ASSERT_TRUE(Validate(token, "", &verdict).ok());
  EXPECT_EQ(verdicts("revoked"), 1);
}

TEST_F(TokenRpcTest, ACallThatWaitsIsInFlight) {
  absl::Notification arrived;
  absl::Notification release;
  store_.BeforeInsert([&] {
    arrived.Notify();
    release.WaitForNotification();
  });
  std::thread mint([&] { MintToken(); });
  arrived.WaitForNotification();
  EXPECT_EQ(ReadMetric(registry_, "didpic_rpc_in_flight"), 1);
  release.Notify();
  mint.join();
  EXPECT_EQ(ReadMetric(registry_, "didpic_rpc_in_flight"), 0);
}

TEST_F(TokenRpcTest, AuditNamesTheCallerAndTheRequestOfEachWrite) {
  pb::MintRequest mint;
  mint.set_did(kAlice);
  pb::MintResponse minted;
  grpc::ClientContext of_mint;
  of_mint.AddMetadata(kRequestIdHeader, "mint-1");
  ASSERT_TRUE(stub_->Mint(&of_mint, mint, &minted).ok());
  pb::RevokeRequest revoke;
  revoke.set_token_id(minted.token_id());
  pb::RevokeResponse revoked;
  grpc::ClientContext of_revoke;
  of_revoke.AddMetadata(kRequestIdHeader, "revoke-1");
  ASSERT_TRUE(stub_->Revoke(&of_revoke, revoke, &revoked).ok());
  pb::MintResponse another;
  ASSERT_TRUE(Mint(mint, &another).ok());
  revoke.set_did(kAlice);
  grpc::ClientContext of_revoke_all;
  of_revoke_all.AddMetadata(kRequestIdHeader, "revoke-all-1");
  ASSERT_TRUE(stub_->Revoke(&of_revoke_all, revoke, &revoked).ok());

  std::vector<storage::AuditRecord> records = memory_.ReadAudit(0, 10).value();
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[3].entry.action, storage::AuditAction::kRevokeAll);
  EXPECT_EQ(records[3].entry.by, (storage::Actor{"plaintext", "revoke-all-1"}));
  EXPECT_EQ(records[3].entry.did, kAlice);
  EXPECT_EQ(records[3].entry.outcome, "1");
  records.resize(2);
  EXPECT_EQ(records[0].entry.by, (storage::Actor{"plaintext", "mint-1"}));
  EXPECT_EQ(records[1].entry.by, (storage::Actor{"plaintext", "revoke-1"}));
  for (const storage::AuditRecord& record : records) {
    EXPECT_EQ(record.entry.did, kAlice);
    EXPECT_EQ(record.entry.token_id, minted.token_id());
  }
}

TEST_F(TokenRpcTest, MintValidateRevoke) {
  pb::MintRequest mint;
  mint.set_did(kAlice);
  mint.set_label("iPhone");
  pb::MintResponse minted;
  ASSERT_TRUE(Mint(mint, &minted).ok());
  EXPECT_THAT(minted.token(), ::testing::MatchesRegex("dpwt_[0-9A-Za-z]{49}"));
  EXPECT_THAT(minted.token_id(), ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(minted.expire_time().seconds() - minted.issue_time().seconds(), 3600);

  pb::ValidateResponse verdict;
  ASSERT_TRUE(Validate(minted.token(), kAllowedMethod, &verdict).ok());
  ASSERT_TRUE(verdict.has_active());
  EXPECT_EQ(verdict.active().did(), kAlice);
  EXPECT_EQ(verdict.active().token_id(), minted.token_id());
  EXPECT_EQ(verdict.active().profile(), "widget");
  EXPECT_EQ(verdict.active().expire_time().nanos(), minted.expire_time().nanos());
  EXPECT_EQ(RefusalOf(minted.token(), "app.example.feed.createPost"), pb::Refusal::METHOD_NOT_ALLOWED);

  pb::RevokeRequest revoke;
  revoke.set_token(minted.token());
  pb::RevokeResponse revoked;
  ASSERT_TRUE(Revoke(revoke, &revoked).ok());
  EXPECT_EQ(revoked.revoked_count(), 1);
  EXPECT_EQ(RefusalOf(minted.token(), kAllowedMethod), pb::Refusal::REVOKED);
  EXPECT_EQ(RefusalOf("garbage", ""), pb::Refusal::MALFORMED);
}

TEST_F(TokenRpcTest, BatchAnswersInOrderAndAnOversizedTokenSpoilsNoOther) {
  const std::string token = MintToken();
  pb::BatchValidateRequest request;
  for (const std::string& each : {token, std::string("garbage"), std::string(5000, 'a'), token}) {
    request.add_requests()->set_token(each);
  }
  request.mutable_requests(3)->set_method("app.example.feed.createPost");
  pb::BatchValidateResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->BatchValidate(&context, request, &response).ok());
  ASSERT_EQ(response.responses_size(), 4);
  EXPECT_EQ(response.responses(0).active().did(), kAlice);
  EXPECT_EQ(response.responses(1).refusal().reason(), pb::Refusal::MALFORMED);
  EXPECT_EQ(response.responses(2).refusal().reason(), pb::Refusal::MALFORMED);
  EXPECT_EQ(response.responses(3).refusal().reason(), pb::Refusal::METHOD_NOT_ALLOWED);
}

TEST_F(TokenRpcTest, ListShowsMetadataAndNoSecret) {
  const std::string token = MintToken();
  pb::ListTokensRequest request;
  request.set_did(kAlice);
  pb::ListTokensResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->ListTokens(&context, request, &response).ok());
  ASSERT_EQ(response.tokens_size(), 1);
  EXPECT_EQ(response.DebugString().find(token), std::string::npos);
  EXPECT_FALSE(response.tokens(0).has_revoke_time());
}

TEST_F(TokenRpcTest, ListShowsWhatAMintSaidOfItsClient) {
  for (const pb::OauthClient::Type type : {pb::OauthClient::TYPE_UNSPECIFIED, pb::OauthClient::PUBLIC,
                                           pb::OauthClient::CONFIDENTIAL, pb::OauthClient::LOOPBACK}) {
    pb::MintRequest mint;
    mint.set_did(absl::StrCat("did:web:", pb::OauthClient::Type_Name(type), ".example.com"));
    std::replace(mint.mutable_did()->begin(), mint.mutable_did()->end(), '_', '-');
    mint.set_client_id("https://app.example.com/client.json");
    mint.set_client_name("An app");
    mint.set_client_type(type);
    pb::MintResponse minted;
    ASSERT_TRUE(Mint(mint, &minted).ok());
    pb::ListTokensRequest request;
    request.set_did(mint.did());
    pb::ListTokensResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(stub_->ListTokens(&context, request, &response).ok());
    EXPECT_EQ(response.tokens(0).client_id(), "https://app.example.com/client.json");
    EXPECT_EQ(response.tokens(0).client_name(), "An app");
    EXPECT_EQ(response.tokens(0).client_type(), type);
  }
}

std::string ViolatedField(const grpc::Status& status) {
  google::rpc::Status rich;
  google::rpc::BadRequest detail;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  for (const auto& any : rich.details()) {
    if (any.UnpackTo(&detail)) return detail.field_violations(0).field();
  }
  return "";
}

TEST_F(TokenRpcTest, MalformedFieldsAreNamedInTheDetails) {
  pb::MintRequest mint;
  mint.set_did("alice");
  pb::MintResponse minted;
  grpc::Status status = Mint(mint, &minted);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ViolatedField(status), "did");

  mint.set_did(kAlice);
  mint.mutable_single_use_id()->set_id("a");
  mint.mutable_single_use_id()->mutable_expire_time()->set_nanos(-1);
  EXPECT_EQ(ViolatedField(Mint(mint, &minted)), "single_use_id.expire_time");

  mint.clear_single_use_id();
  mint.set_client_type(static_cast<pb::OauthClient::Type>(9));
  EXPECT_EQ(ViolatedField(Mint(mint, &minted)), "client_type");

  pb::RevokeResponse revoked;
  status = Revoke({}, &revoked);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ViolatedField(status), "target");
  pb::RevokeRequest revoke;
  revoke.set_did(kAlice);
  revoke.set_owner_did(kAlice);
  EXPECT_EQ(ViolatedField(Revoke(revoke, &revoked)), "owner_did");
  revoke.set_token("garbage");
  revoke.set_owner_did("alice");
  EXPECT_EQ(ViolatedField(Revoke(revoke, &revoked)), "owner_did");

  pb::ValidateResponse verdict;
  status = Validate("garbage", "not an nsid", &verdict);
  EXPECT_EQ(ViolatedField(status), "method");

  pb::BatchValidateRequest batch;
  batch.add_requests();
  batch.add_requests()->set_method("x");
  pb::BatchValidateResponse results;
  grpc::ClientContext context;
  EXPECT_EQ(ViolatedField(stub_->BatchValidate(&context, batch, &results)), "requests[1].method");
}

// What no generated client sends: a message that cannot be parsed, or text that is not UTF-8. gRPC 1.51 answers by
// itself, with UNIMPLEMENTED.
TEST_F(TokenRpcTest, BytesThatAreNoMessageAreAnErrorAndNoVerdict) {
  grpc::GenericStub raw(server_->InProcessChannel({}));
  for (const std::string& bytes : {std::string("\xff\xff\xff"), std::string("\x0a\x02\xff\xfe")}) {
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    grpc::Status status;
    absl::Notification done;
    raw.UnaryCall(&context, "/didpic.token.v1.TokenService/Validate", grpc::StubOptions(), &request, &response,
                  [&](grpc::Status result) {
                    status = std::move(result);
                    done.Notify();
                  });
    done.WaitForNotification();
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(response.Length(), 0u);
  }
  EXPECT_EQ(RefusalOf("garbage", ""), pb::Refusal::MALFORMED) << "the server lives";
}

TEST_F(TokenRpcTest, TooMuchIsResourceExhausted) {
  pb::ValidateResponse verdict;
  EXPECT_EQ(Validate(std::string(4097, 'a'), "", &verdict).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(RefusalOf(std::string(4096, 'a'), ""), pb::Refusal::MALFORMED);
  pb::BatchValidateRequest batch;
  for (int i = 0; i < 1001; ++i) batch.add_requests();
  pb::BatchValidateResponse results;
  grpc::ClientContext context;
  EXPECT_EQ(stub_->BatchValidate(&context, batch, &results).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TokenRpcTest, TheIdempotencyConflictNamesTheTokenOverTheWire) {
  pb::MintRequest mint;
  mint.set_did(kAlice);
  mint.set_idempotency_key("install-1");
  pb::MintResponse minted, again;
  ASSERT_TRUE(Mint(mint, &minted).ok());
  const grpc::Status status = Mint(mint, &again);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  const auto reason = GetReason(FromGrpcStatus(status));
  ASSERT_TRUE(reason.has_value());
  EXPECT_EQ(reason->metadata.at("token_id"), minted.token_id());
}

TEST_F(TokenRpcTest, RequestIdsAreTakenOrMadeAndReturned) {
  const auto id_for = [&](const std::string& given) {
    grpc::ClientContext context;
    if (!given.empty()) context.AddMetadata(kRequestIdHeader, given);
    pb::ValidateResponse response;
    EXPECT_TRUE(stub_->Validate(&context, {}, &response).ok());
    const auto it = context.GetServerInitialMetadata().find(kRequestIdHeader);
    return it == context.GetServerInitialMetadata().end() ? std::string()
                                                          : std::string(it->second.data(), it->second.size());
  };
  EXPECT_EQ(id_for("abc-123"), "abc-123");
  EXPECT_EQ(id_for("").size(), 32u);
  EXPECT_EQ(id_for("bad id with spaces").size(), 32u);
  EXPECT_NE(id_for(""), id_for(""));
}

struct Fault {
  const char* name;
  absl::Status store;
  grpc::StatusCode wire;
};

class StoreFaultTest : public TokenRpcTest, public ::testing::WithParamInterface<Fault> {};

TEST_P(StoreFaultTest, IsNeverAVerdict) {
  const std::string token = MintToken();
  store_.FailEverything(GetParam().store);
  pb::ValidateResponse verdict;
  EXPECT_EQ(Validate(token, kAllowedMethod, &verdict).error_code(), GetParam().wire);
  EXPECT_EQ(verdict.verdict_case(), pb::ValidateResponse::VERDICT_NOT_SET);

  pb::BatchValidateRequest batch;
  batch.add_requests()->set_token(token);
  pb::BatchValidateResponse results;
  grpc::ClientContext batch_context;
  EXPECT_EQ(stub_->BatchValidate(&batch_context, batch, &results).error_code(), GetParam().wire);
  EXPECT_EQ(results.responses_size(), 0);

  pb::MintRequest mint;
  mint.set_did(kAlice);
  pb::MintResponse minted;
  EXPECT_EQ(Mint(mint, &minted).error_code(), GetParam().wire);
  EXPECT_EQ(minted.token(), "");

  pb::RevokeRequest by_token, by_id, by_did;
  by_token.set_token(token);
  by_id.set_token_id(std::string(32, '0'));
  by_did.set_did(kAlice);
  for (const pb::RevokeRequest& revoke : {by_token, by_id, by_did}) {
    pb::RevokeResponse revoked;
    EXPECT_EQ(Revoke(revoke, &revoked).error_code(), GetParam().wire);
  }
  pb::ListTokensRequest list;
  list.set_did(kAlice);
  pb::ListTokensResponse listed;
  grpc::ClientContext list_context;
  EXPECT_EQ(stub_->ListTokens(&list_context, list, &listed).error_code(), GetParam().wire);
}

INSTANTIATE_TEST_SUITE_P(All, StoreFaultTest,
                         ::testing::Values(Fault{"Unavailable", absl::UnavailableError("disk"), grpc::UNAVAILABLE},
                                           Fault{"DataLoss", absl::DataLossError("damaged"), grpc::DATA_LOSS},
                                           Fault{"Full", absl::ResourceExhaustedError("full"),
                                                 grpc::RESOURCE_EXHAUSTED},
                                           Fault{"Internal", absl::InternalError("secret inner text"), grpc::INTERNAL}),
                         [](const auto& param_info) { return param_info.param.name; });

TEST_F(TokenRpcTest, ABlockedWriteHoldsUpNoReadAndTheLimitRefusesAtOnce) {
  const std::string token = MintToken();
  absl::Notification entered, release;
  store_.BeforeInsert([&] {
    if (!entered.HasBeenNotified()) entered.Notify();
    release.WaitForNotification();
  });
  std::thread writer([&] { MintToken(); });
  entered.WaitForNotification();
  pb::ValidateResponse verdict;
  EXPECT_TRUE(Validate(token, kAllowedMethod, &verdict).ok());  // one of two places is taken
  EXPECT_TRUE(verdict.has_active());
  std::thread second_writer([&] {
    pb::MintRequest mint;
    mint.set_did(kAlice);
    pb::MintResponse minted;
    // One of the Validates below may have the place at that moment.
    while (Mint(mint, &minted).error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    }
  });
  // Both places are taken as soon as the second mint is in; until then Validate passes.
  grpc::Status status;
  do {
    status = Validate(token, kAllowedMethod, &verdict);
  } while (status.ok());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  release.Notify();
  writer.join();
  second_writer.join();
  EXPECT_TRUE(Validate(token, kAllowedMethod, &verdict).ok());
}

TEST_F(TokenRpcTest, AFullWriteLaneRefusesWritesAndNoReads) {
  const std::string token = MintToken();
  absl::Notification entered, release;
  store_.BeforeInsert([&] {
    entered.Notify();
    release.WaitForNotification();
  });
  WorkLane one_place(1, 1);
  TokenRpc rpc({issuer_, verifier_, revoker_, lister_, sessions_.verifier, spender_}, calls_, reads_, one_place,
               clock_);
  grpc::ServerBuilder builder;
  builder.RegisterService(&rpc);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto stub = pb::TokenService::NewStub(server->InProcessChannel({}));
  pb::MintRequest mint;
  mint.set_did(kAlice);
  std::thread first([&] {
    grpc::ClientContext context;
    pb::MintResponse response;
    EXPECT_TRUE(stub->Mint(&context, mint, &response).ok());
  });
  entered.WaitForNotification();
  grpc::ClientContext refused;
  pb::MintResponse response;
  EXPECT_EQ(stub->Mint(&refused, mint, &response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext context;
  pb::ValidateRequest validate;
  validate.set_token(token);
  pb::ValidateResponse verdict;
  EXPECT_TRUE(stub->Validate(&context, validate, &verdict).ok());
  EXPECT_TRUE(verdict.has_active());
  release.Notify();
  first.join();
  server->Shutdown();
  server->Wait();
}

TEST_F(TokenRpcTest, ACallWhoseDeadlinePassedInTheQueueWritesNothing) {
  absl::Notification entered, release;
  std::atomic<int> inserts{0};
  store_.BeforeInsert([&] {
    if (inserts.fetch_add(1) == 0) entered.Notify();
    release.WaitForNotification();
  });
  WorkLane one_lane(1, 2);
  TokenRpc rpc({issuer_, verifier_, revoker_, lister_, sessions_.verifier, spender_}, calls_, reads_, one_lane, clock_);
  grpc::ServerBuilder builder;
  builder.RegisterService(&rpc);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto stub = pb::TokenService::NewStub(server->InProcessChannel({}));
  pb::MintRequest request;
  request.set_did(kAlice);
  std::thread first([&] {
    grpc::ClientContext context;
    pb::MintResponse response;
    EXPECT_TRUE(stub->Mint(&context, request, &response).ok());
  });
  entered.WaitForNotification();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  pb::MintResponse response;
  EXPECT_EQ(stub->Mint(&context, request, &response).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  release.Notify();
  first.join();
  server->Shutdown();
  server->Wait();
  EXPECT_EQ(inserts.load(), 1);
}

}  // namespace
}  // namespace tokens
