// CreateBackup through a real channel, over a folder of backups that does as it is told.
#include "token_service/backup_rpc.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "storage/memory_token_store.h"
#include "tests/support/fake_clock.h"
#include "token_service/admin_rpc.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/status_details.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

storage::Backup SomeBackup() {
  storage::Backup backup;
  backup.id = 7;
  backup.time = absl::FromUnixSeconds(1'800'000'000);
  backup.bytes = 12345;
  backup.files = 9;
  backup.audit_head.sequence = 42;
  backup.audit_head.hash.fill(0xab);
  return backup;
}

class ScriptedFolder : public storage::BackupFolder {
 public:
  absl::StatusOr<storage::Backup> Create(absl::Time now, const storage::Actor& by) override {
    made_at = now;
    made_by = by;
    return next;
  }
  absl::StatusOr<std::optional<absl::Time>> NewestTime() override { return newest; }
  void Stop() override { stopped = true; }

  absl::StatusOr<storage::Backup> next = SomeBackup();
  std::optional<absl::Time> newest;
  absl::Time made_at;
  storage::Actor made_by;
  bool stopped = false;
};

class BackupRpcTest : public ::testing::Test {
 protected:
  // Null: backups are off.
  void Start(std::unique_ptr<ScriptedFolder> folder) {
    maker_ =
        std::make_unique<BackupMaker>(std::move(folder), clock_, [this](absl::Time begun) { last_success_ = begun; });
    rpc_ = std::make_unique<BackupRpc>(*maker_, calls_, lane_);
    admin_ = std::make_unique<AdminRpc>(accounts_, no_diagnosis_, *rpc_, stats_, calls_, lane_);
    grpc::ServerBuilder builder;
    builder.RegisterService(admin_.get());
    server_ = builder.BuildAndStart();
    stub_ = pb::AdminService::NewStub(server_->InProcessChannel({}));
  }
  ScriptedFolder& StartWithFolder() {
    auto folder = std::make_unique<ScriptedFolder>();
    ScriptedFolder& kept = *folder;
    Start(std::move(folder));
    return kept;
  }
  ~BackupRpcTest() override { server_->Shutdown(); }

  absl::Status Call() {
    grpc::ClientContext context;
    context.AddMetadata("x-request-id", "request-12345678");
    response_.Clear();
    return FromGrpcStatus(stub_->CreateBackup(&context, pb::CreateBackupRequest(), &response_));
  }

  storage::MemoryTokenStore store_;
  testing::FakeClock clock_;
  AccountRegister accounts_{store_, clock_};
  SystemClock deadlines_;
  const CallerAuthorizer everybody_{};
  RpcCalls calls_{4, deadlines_, everybody_};
  WorkLane lane_{2, 4};
  DiagnosisRpc no_diagnosis_{nullptr, nullptr, calls_, lane_};
  ServiceMetrics metrics_{absl::UnixEpoch(), ""};
  StatsRpc stats_{metrics_, store_, calls_, lane_};
  std::optional<absl::Time> last_success_;
  std::unique_ptr<BackupMaker> maker_;
  std::unique_ptr<BackupRpc> rpc_;
  std::unique_ptr<AdminRpc> admin_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::AdminService::Stub> stub_;
  pb::CreateBackupResponse response_;
};

TEST_F(BackupRpcTest, ReplySaysWhatWasMadeAndTheFolderHearsByWhom) {
  const ScriptedFolder& folder = StartWithFolder();
  ASSERT_EQ(Call(), absl::OkStatus());
  const pb::Backup& backup = response_.backup();
  EXPECT_EQ(backup.backup_id(), 7u);
  EXPECT_EQ(backup.create_time().seconds(), 1'800'000'000);
  EXPECT_EQ(backup.size_bytes(), 12345);
  EXPECT_EQ(backup.file_count(), 9);
  EXPECT_EQ(backup.audit_sequence(), 42u);
  EXPECT_EQ(backup.audit_hash(), std::string(32, '\xab'));
  EXPECT_EQ(backup.audit_head().substr(0, 7), "42:abab");
  EXPECT_EQ(folder.made_at, clock_.Now());
  EXPECT_EQ(folder.made_by, (storage::Actor{"plaintext", "request-12345678"}));
}

TEST_F(BackupRpcTest, LastSuccessIsThatOfAnEarlierRunUntilThereIsANewer) {
  auto folder = std::make_unique<ScriptedFolder>();
  ScriptedFolder& scripted = *folder;
  scripted.newest = absl::FromUnixSeconds(1'700'000'000);
  Start(std::move(folder));
  EXPECT_EQ(last_success_, scripted.newest);
  scripted.next = absl::UnavailableError("disk");
  EXPECT_FALSE(Call().ok());
  EXPECT_EQ(last_success_, scripted.newest) << "a failed one is none";
  scripted.next = SomeBackup();
  EXPECT_TRUE(Call().ok());
  EXPECT_EQ(last_success_, SomeBackup().time);
}

TEST_F(BackupRpcTest, EachRefusalHasItsCodeAndReason) {
  ScriptedFolder& folder = StartWithFolder();
  EXPECT_EQ(last_success_, std::nullopt);
  struct Case {
    absl::Status status;
    std::string reason;
  };
  for (const auto& [status, reason] : {Case{absl::AbortedError("x"), "BACKUP_RUNNING"},
                                       Case{absl::FailedPreconditionError("x"), "OTHER_STORES_BACKUPS"},
                                       Case{absl::ResourceExhaustedError("x"), "BACKUP_SPACE"},
                                       Case{absl::UnavailableError("x"), ""}, Case{absl::DataLossError("x"), ""}}) {
    folder.next = status;
    const absl::Status result = Call();
    EXPECT_EQ(result.code(), status.code());
    const auto detail = GetReason(result);
    EXPECT_EQ(detail ? detail->reason : "", reason);
    EXPECT_FALSE(response_.has_backup());
  }
}

TEST_F(BackupRpcTest, WithoutADirectoryBackupsAreOff) {
  Start(nullptr);
  const absl::Status result = Call();
  EXPECT_TRUE(absl::IsFailedPrecondition(result)) << result;
  EXPECT_EQ(GetReason(result)->reason, "BACKUPS_OFF");
  EXPECT_EQ(last_success_, std::nullopt);
  maker_->Stop();
}

TEST_F(BackupRpcTest, StopReachesTheFolder) {
  const ScriptedFolder& folder = StartWithFolder();
  maker_->Stop();
  EXPECT_TRUE(folder.stopped);
}

}  // namespace
}  // namespace tokens
