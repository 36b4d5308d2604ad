// SessionService, and Validate of its access JWTs, through a real channel and the generated stubs.
#include "token_service/session_rpc.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "didpic/token/v1/token_service.grpc.pb.h"
#include "storage/memory_token_store.h"
#include "tests/support/policy_fixture.h"
#include "tests/support/session_fixture.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/request_id.h"
#include "token_service/base/status_details.h"
#include "token_service/caller_authorizer.h"
#include "token_service/token_rpc.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

constexpr char kAudience[] = "did:web:api.example.com";
constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
const std::string kThumbprint(43, 'A');

class SessionRpcTest : public ::testing::Test {
 protected:
  SessionRpcTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&rpc_);
    builder.RegisterService(&token_rpc_);
    server_ = builder.BuildAndStart();
    sessions_ = pb::SessionService::NewStub(server_->InProcessChannel({}));
    tokens_ = pb::TokenService::NewStub(server_->InProcessChannel({}));
  }
  ~SessionRpcTest() override { server_->Shutdown(); }

  pb::SessionTokens Create(const std::string& dpop_jkt = "") {
    grpc::ClientContext context;
    pb::CreateSessionRequest request;
    request.set_did(kAlice);
    request.set_dpop_jkt(dpop_jkt);
    pb::CreateSessionResponse response;
    EXPECT_TRUE(sessions_->CreateSession(&context, request, &response).ok());
    return response.tokens();
  }
  pb::RefreshSessionResponse Refresh(const std::string& jwt, const std::string& dpop_jkt = "") {
    grpc::ClientContext context;
    pb::RefreshSessionRequest request;
    request.set_refresh_jwt(jwt);
    request.set_dpop_jkt(dpop_jkt);
    pb::RefreshSessionResponse response;
    EXPECT_TRUE(sessions_->RefreshSession(&context, request, &response).ok());
    return response;
  }
  pb::GetSessionResponse Get(const std::string& jwt) {
    grpc::ClientContext context;
    pb::GetSessionRequest request;
    request.set_access_jwt(jwt);
    pb::GetSessionResponse response;
    EXPECT_TRUE(sessions_->GetSession(&context, request, &response).ok());
    return response;
  }
  pb::DeleteSessionResponse Delete(const std::string& jwt) {
    grpc::ClientContext context;
    pb::DeleteSessionRequest request;
    request.set_refresh_jwt(jwt);
    pb::DeleteSessionResponse response;
    EXPECT_TRUE(sessions_->DeleteSession(&context, request, &response).ok());
    return response;
  }
  pb::ValidateResponse Validate(const std::string& jwt, const std::string& dpop_jkt = "") {
    grpc::ClientContext context;
    pb::BatchValidateRequest request;
    request.add_requests()->set_token(jwt);
    request.mutable_requests(0)->set_dpop_jkt(dpop_jkt);
    pb::BatchValidateResponse batch;
    EXPECT_TRUE(tokens_->BatchValidate(&context, request, &batch).ok());
    grpc::ClientContext single_context;
    pb::ValidateResponse single;
    EXPECT_TRUE(tokens_->Validate(&single_context, request.requests(0), &single).ok());
    EXPECT_EQ(single.SerializeAsString(), batch.responses(0).SerializeAsString()) << "both answer alike";
    return single;
  }

  storage::MemoryTokenStore memory_;
  testing::PolicyFixture policy_;
  testing::SessionKeysFixture keys_;
  SystemClock clock_;
  SystemRandom random_;
  TokenIssuer issuer_{memory_, policy_.file(), clock_, random_};
  UseRecorder uses_{memory_};
  TokenVerifier verifier_{memory_, policy_.file(), clock_, uses_};
  TokenRevoker revoker_{memory_, clock_};
  TokenLister lister_{memory_, clock_};
  SessionVerifier session_verifier_{memory_, keys_.files(), policy_.file(), kAudience, clock_};
  SessionRotator rotator_{memory_,
                          keys_.files(),
                          policy_.file(),
                          kAudience,
                          [](const std::string&) { return storage::SessionClient::kPublic; },
                          clock_,
                          random_};
  ProofSpender spender_{memory_, clock_};
  const CallerAuthorizer everybody_{};
  RpcCalls calls_{8, clock_, everybody_};
  WorkLane reads_{1, 4};
  WorkLane writes_{1, 4};
  SessionRpc rpc_{rotator_, session_verifier_, calls_, writes_, writes_};
  TokenRpc token_rpc_{
      {issuer_, verifier_, revoker_, lister_, session_verifier_, spender_}, calls_, reads_, writes_, clock_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::SessionService::Stub> sessions_;
  std::unique_ptr<pb::TokenService::Stub> tokens_;
};

TEST_F(SessionRpcTest, AuditNamesTheCallerAndTheRequestOfEachBeginningAndEnd) {
  pb::CreateSessionRequest create;
  create.set_did(kAlice);
  pb::CreateSessionResponse created;
  grpc::ClientContext of_create;
  of_create.AddMetadata(kRequestIdHeader, "create-1");
  ASSERT_TRUE(sessions_->CreateSession(&of_create, create, &created).ok());
  Refresh(created.tokens().refresh_jwt());
  pb::DeleteSessionRequest end;
  end.set_refresh_jwt(created.tokens().refresh_jwt());
  pb::DeleteSessionResponse ended;
  grpc::ClientContext of_end;
  of_end.AddMetadata(kRequestIdHeader, "delete-1");
  ASSERT_TRUE(sessions_->DeleteSession(&of_end, end, &ended).ok());

  const std::vector<storage::AuditRecord> records = memory_.ReadAudit(0, 10).value();
  ASSERT_EQ(records.size(), 2u) << "a refresh is not audited";
  EXPECT_EQ(records[0].entry.action, storage::AuditAction::kSessionCreate);
  EXPECT_EQ(records[0].entry.by, (storage::Actor{"plaintext", "create-1"}));
  EXPECT_EQ(records[0].entry.outcome, "created");
  EXPECT_EQ(records[1].entry.action, storage::AuditAction::kSessionDelete);
  EXPECT_EQ(records[1].entry.by, (storage::Actor{"plaintext", "delete-1"}));
  EXPECT_EQ(records[1].entry.outcome, "ended");
  for (const storage::AuditRecord& record : records) EXPECT_EQ(record.entry.did, kAlice);
  EXPECT_EQ(records[0].entry.token_id.size(), 32u);
  EXPECT_EQ(records[0].entry.token_id, records[1].entry.token_id);
}

TEST_F(SessionRpcTest, ASessionFromItsBeginningToItsEnd) {
  const pb::SessionTokens created = Create();
  EXPECT_EQ(created.did(), kAlice);
  EXPECT_EQ(created.status(), pb::Account::ACTIVE);
  EXPECT_EQ(created.refresh_expire_time().seconds() - created.access_expire_time().seconds(), 14 * 86400 - 900);

  const pb::RefreshSessionResponse refreshed = Refresh(created.refresh_jwt());
  ASSERT_TRUE(refreshed.has_tokens());
  EXPECT_NE(refreshed.tokens().refresh_jwt(), created.refresh_jwt());

  const pb::GetSessionResponse session = Get(refreshed.tokens().access_jwt());
  ASSERT_TRUE(session.has_session());
  EXPECT_EQ(session.session().did(), kAlice);
  EXPECT_EQ(session.session().status(), pb::Account::ACTIVE);
  EXPECT_EQ(session.session().session_id().size(), 32u);

  const pb::ValidateResponse active = Validate(refreshed.tokens().access_jwt());
  ASSERT_TRUE(active.has_active());
  EXPECT_EQ(active.active().profile(), "session");
  EXPECT_EQ(active.active().did(), kAlice);
  EXPECT_EQ(active.active().token_id(), session.session().session_id());

  EXPECT_FALSE(Delete(created.refresh_jwt()).has_refusal());
  EXPECT_EQ(Refresh(refreshed.tokens().refresh_jwt()).refusal().reason(), pb::SessionRefusal::REVOKED);
  EXPECT_EQ(Get(created.access_jwt()).refusal().reason(), pb::SessionRefusal::REVOKED);
  EXPECT_EQ(Validate(created.access_jwt()).refusal().reason(), pb::Refusal::REVOKED);
}

TEST_F(SessionRpcTest, RefusalsSayWhy) {
  const pb::SessionTokens created = Create();
  EXPECT_EQ(Refresh(created.access_jwt()).refusal().reason(), pb::SessionRefusal::INVALID);
  EXPECT_EQ(Get("garbage").refusal().reason(), pb::SessionRefusal::INVALID);
  EXPECT_EQ(Delete("garbage").refusal().reason(), pb::SessionRefusal::INVALID);
  EXPECT_EQ(Validate(created.refresh_jwt()).refusal().reason(), pb::Refusal::MALFORMED);
  ASSERT_TRUE(memory_.SetAccountStatus(kAlice, storage::AccountStatus::kTakedown, clock_.Now(), {}).ok());
  const pb::SessionRefusal takedown = Refresh(created.refresh_jwt()).refusal();
  EXPECT_EQ(takedown.reason(), pb::SessionRefusal::ACCOUNT_INACTIVE);
  EXPECT_EQ(takedown.status(), pb::Account::TAKENDOWN);
}

TEST_F(SessionRpcTest, ABoundSessionsAccessJwtIsNoBearerToken) {
  const pb::SessionTokens created = Create(kThumbprint);
  EXPECT_EQ(Refresh(created.refresh_jwt()).refusal().reason(), pb::SessionRefusal::DPOP_KEY_MISMATCH);
  EXPECT_TRUE(Refresh(created.refresh_jwt(), kThumbprint).has_tokens());
  EXPECT_EQ(Validate(created.access_jwt()).refusal().reason(), pb::Refusal::DPOP_KEY_MISMATCH);
  EXPECT_TRUE(Validate(created.access_jwt(), kThumbprint).has_active());
}

TEST_F(SessionRpcTest, TooLargeIsAnErrorAndNoRefusal) {
  grpc::ClientContext context;
  pb::RefreshSessionRequest request;
  request.set_refresh_jwt(std::string(4097, 'a'));
  pb::RefreshSessionResponse response;
  const grpc::Status status = sessions_->RefreshSession(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(GetReason(FromGrpcStatus(status))->reason, "TOKEN_TOO_LARGE");
}

TEST_F(SessionRpcTest, PublishesThePublicKeys) {
  grpc::ClientContext context;
  pb::ListSigningKeysResponse response;
  ASSERT_TRUE(sessions_->ListSigningKeys(&context, {}, &response).ok());
  const nlohmann::json set = nlohmann::json::parse(response.jwk_set_json());
  ASSERT_EQ(set["keys"].size(), 1u);
  EXPECT_EQ(set["keys"][0]["kid"], "one");
  EXPECT_FALSE(set["keys"][0].contains("d"));
}

}  // namespace
}  // namespace tokens
