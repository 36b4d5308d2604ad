// AdminService through a real channel and the generated stub.
#include "token_service/admin_rpc.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/memory_token_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/faulty_token_store.h"
#include "token_service/base/request_id.h"
#include "token_service/proto_convert.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

const absl::Time kStart = absl::FromUnixSeconds(1700000000);
constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

class AdminRpcTest : public ::testing::Test {
 protected:
  AdminRpcTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&rpc_);
    server_ = builder.BuildAndStart();
    stub_ = pb::AdminService::NewStub(server_->InProcessChannel({}));
  }
  ~AdminRpcTest() override { server_->Shutdown(); }

  grpc::Status Set(const std::string& did, pb::Account::Status status, pb::Account* account) {
    pb::SetAccountStatusRequest request;
    request.set_did(did);
    request.set_status(status);
    pb::SetAccountStatusResponse response;
    grpc::ClientContext context;
    const grpc::Status result = stub_->SetAccountStatus(&context, request, &response);
    *account = response.account();
    return result;
  }
  grpc::Status Get(const std::string& did, pb::Account* account) {
    pb::GetAccountRequest request;
    request.set_did(did);
    pb::GetAccountResponse response;
    grpc::ClientContext context;
    const grpc::Status result = stub_->GetAccount(&context, request, &response);
    *account = response.account();
    return result;
  }

  storage::MemoryTokenStore memory_;
  testing::FaultyTokenStore store_{memory_};
  testing::FakeClock clock_;
  AccountRegister accounts_{store_, clock_};
  SystemClock deadlines_;
  const CallerAuthorizer everybody_{};
  RpcCalls calls_{4, deadlines_, everybody_};
  WorkLane writes_{1, 2};
  WorkLane diagnoses_{1, 2};
  DiagnosisRpc no_diagnosis_{nullptr, nullptr, calls_, diagnoses_};
  BackupMaker no_backups_{nullptr, clock_, {}};
  BackupRpc no_backup_rpc_{no_backups_, calls_, writes_};
  ServiceMetrics metrics_{kStart, "0123456789ab"};
  StatsRpc stats_{metrics_, memory_, calls_, diagnoses_};
  AdminRpc rpc_{accounts_, no_diagnosis_, no_backup_rpc_, stats_, calls_, writes_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::AdminService::Stub> stub_;
};

TEST_F(AdminRpcTest, StatusIsSetAndShownWithItsTime) {
  pb::Account account;
  ASSERT_TRUE(Get(kAlice, &account).ok());
  EXPECT_EQ(account.did(), kAlice);
  EXPECT_EQ(account.status(), pb::Account::ACTIVE);
  EXPECT_FALSE(account.has_status_time());
  for (const pb::Account::Status status :
       {pb::Account::TAKENDOWN, pb::Account::SUSPENDED, pb::Account::DEACTIVATED, pb::Account::ACTIVE}) {
    clock_.Advance(absl::Seconds(1));
    ASSERT_TRUE(Set(kAlice, status, &account).ok());
    EXPECT_EQ(account.status(), status);
    EXPECT_EQ(account.status_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
    pb::Account shown;
    ASSERT_TRUE(Get(kAlice, &shown).ok());
    EXPECT_EQ(shown.SerializeAsString(), account.SerializeAsString());
  }
}

TEST_F(AdminRpcTest, AuditNamesTheCallerAndTheRequestOfAChange) {
  pb::SetAccountStatusRequest request;
  request.set_did(kAlice);
  request.set_status(pb::Account::TAKENDOWN);
  pb::SetAccountStatusResponse response;
  grpc::ClientContext context;
  context.AddMetadata(kRequestIdHeader, "takedown-1");
  ASSERT_TRUE(stub_->SetAccountStatus(&context, request, &response).ok());
  const std::vector<storage::AuditRecord> records = memory_.ReadAudit(0, 10).value();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].entry, (storage::AuditEntry{clock_.Now(),
                                                   storage::AuditAction::kSetAccountStatus,
                                                   {"plaintext", "takedown-1"},
                                                   kAlice,
                                                   "",
                                                   "TAKENDOWN"}));
}

TEST_F(AdminRpcTest, RequestWithoutAStatusOrADidIsInvalid) {
  pb::Account account;
  for (const int status : {0, 5, -1}) {
    EXPECT_EQ(Set(kAlice, static_cast<pb::Account::Status>(status), &account).error_code(), grpc::INVALID_ARGUMENT);
  }
  EXPECT_EQ(Set("alice", pb::Account::TAKENDOWN, &account).error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(Get("", &account).error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(memory_.FindAccount(kAlice).value(), storage::Account());
}

TEST_F(AdminRpcTest, StoreFaultIsAnErrorAndNeverAnAccount) {
  for (const auto& [fault, wire] : {std::pair{absl::UnavailableError("disk"), grpc::StatusCode::UNAVAILABLE},
                                    std::pair{absl::DataLossError("damaged"), grpc::StatusCode::DATA_LOSS}}) {
    store_.FailEverything(fault);
    pb::Account account;
    EXPECT_EQ(Set(kAlice, pb::Account::TAKENDOWN, &account).error_code(), wire);
    EXPECT_EQ(account.did(), "");
    EXPECT_EQ(Get(kAlice, &account).error_code(), wire);
    EXPECT_EQ(account.did(), "");
  }
}

TEST_F(AdminRpcTest, StatsAreThoseOfTheMetrics) {
  metrics_.program().PolicyInForce("ba9876543210", kStart + absl::Seconds(7));
  const auto get = [&] {
    pb::GetStatsResponse stats;
    grpc::ClientContext context;
    EXPECT_TRUE(stub_->GetStats(&context, {}, &stats).ok());
    return stats;
  };
  pb::GetStatsResponse stats = get();
  EXPECT_EQ(stats.version(), TOKENS_VERSION);
  EXPECT_EQ(stats.start_time().seconds(), 1700000000);
  EXPECT_EQ(stats.policy_digest(), "ba9876543210");
  EXPECT_EQ(stats.policy_load_time().seconds(), 1700000007);
  EXPECT_FALSE(stats.has_store()) << "it is kept in memory";
  EXPECT_FALSE(stats.has_last_backup_time());
  metrics_.BackupSucceeded(kStart + absl::Seconds(9));
  EXPECT_EQ(get().last_backup_time().seconds(), 1700000009);
}

TEST(AccountStatusName, IsTheContracts) {
  using Status = storage::AccountStatus;
  for (const Status status : {Status::kActive, Status::kTakedown, Status::kSuspended, Status::kDeactivated}) {
    EXPECT_EQ(AccountStatusName(status), pb::Account::Status_Name(ToProto(status)));
  }
}

}  // namespace
}  // namespace tokens
