// When the audit is signed.
#include "token_service/checkpoint_writer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/memory_token_store.h"
#include "tests/support/audit_keys.h"
#include "tests/support/fake_clock.h"
#include "tests/support/faulty_audit_log.h"
#include "tests/support/temp_directory.h"

namespace tokens {
namespace {

class CheckpointWriterTest : public ::testing::Test {
 protected:
  void Append(int count = 1) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(
          memory_
              .AppendAudit(
                  {absl::FromUnixSeconds(i), storage::AuditAction::kPolicyReload, {"SIGHUP", ""}, "", "", "adopted"})
              .ok());
    }
  }
  std::vector<storage::AuditCheckpoint> Checkpoints() { return memory_.ReadCheckpoints(0, 100).value(); }

  testing::TempDirectory directory_;
  const std::string path_ = directory_.Write("audit.pem", testing::kAuditKeyPem);
  const std::unique_ptr<AuditKeyFile> key_ = AuditKeyFile::Open(path_).value();
  const AuditPublicKey public_key_ = AuditPublicKey::Parse(testing::kAuditPublicKeyPem).value();
  storage::MemoryTokenStore memory_;
  testing::FaultyAuditLog audit_{memory_};
  testing::FakeClock clock_;
};

TEST_F(CheckpointWriterTest, TheEndIsSignedWhereItHasGrownAndNotAgain) {
  CheckpointWriter writer(audit_, *key_, clock_, absl::Hours(24));
  EXPECT_TRUE(writer.WriteIfGrown().ok());
  EXPECT_TRUE(Checkpoints().empty()) << "nothing to sign";
  Append(3);
  EXPECT_TRUE(writer.WriteIfGrown().ok());
  ASSERT_EQ(Checkpoints().size(), 1u);
  const auto first = Checkpoints();
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(writer.WriteIfGrown().ok());
  EXPECT_EQ(Checkpoints(), first);
  Append(2);
  EXPECT_TRUE(writer.WriteIfGrown().ok());
  const auto checkpoints = Checkpoints();
  ASSERT_EQ(checkpoints.size(), 2u);
  EXPECT_EQ(checkpoints[0].head, memory_.ReadAuditHeadAt(3).value());
  EXPECT_EQ(checkpoints[1].head, memory_.ReadAuditHead().value());
  EXPECT_EQ(checkpoints[1].time, clock_.Now());
  for (const storage::AuditCheckpoint& checkpoint : checkpoints) EXPECT_TRUE(public_key_.Signed(checkpoint));
}

TEST_F(CheckpointWriterTest, ItsThreadSignsByItself) {
  Append();
  const CheckpointWriter writer(audit_, *key_, clock_, absl::Milliseconds(1));
  audit_.AwaitWrites(1);
  EXPECT_EQ(Checkpoints().size(), 1u);
}

TEST_F(CheckpointWriterTest, ACleanStopSignsWhatIsLeft) {
  {
    const CheckpointWriter writer(audit_, *key_, clock_, absl::Hours(24));
    Append(2);
  }
  ASSERT_EQ(Checkpoints().size(), 1u);
  EXPECT_EQ(Checkpoints().front().head, memory_.ReadAuditHead().value());
  { const CheckpointWriter again(audit_, *key_, clock_, absl::Hours(24)); }
  EXPECT_EQ(Checkpoints().size(), 1u) << "nothing was done meanwhile";
}

TEST_F(CheckpointWriterTest, WhatFailedIsTriedAgain) {
  Append();
  audit_.FailWrites(absl::UnavailableError("disk"));
  CheckpointWriter writer(audit_, *key_, clock_, absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsUnavailable(writer.WriteIfGrown()));
  EXPECT_TRUE(Checkpoints().empty());
  audit_.FailWrites(absl::OkStatus());
  audit_.AwaitWrites(1);
  EXPECT_EQ(Checkpoints().size(), 1u);
  audit_.FailReads(absl::DataLossError("damaged"));
  EXPECT_TRUE(absl::IsDataLoss(writer.WriteIfGrown()));
}

TEST_F(CheckpointWriterTest, ANewKeySignsFromItsReloadOn) {
  CheckpointWriter writer(audit_, *key_, clock_, absl::Hours(24));
  Append();
  ASSERT_TRUE(writer.WriteIfGrown().ok());
  directory_.Write("audit.pem", testing::kOtherAuditKeyPem);
  ASSERT_TRUE(key_->Reload().ok());
  Append();
  ASSERT_TRUE(writer.WriteIfGrown().ok());
  ASSERT_EQ(Checkpoints().size(), 2u);
  EXPECT_TRUE(public_key_.Signed(Checkpoints()[0]));
  EXPECT_TRUE(AuditPublicKey::Parse(testing::kOtherAuditPublicKeyPem)->Signed(Checkpoints()[1]));
}

TEST_F(CheckpointWriterTest, WithoutAKeyNothingIsSigned) {
  const auto none = AuditKeyFile::Open("");
  Append();
  {
    CheckpointWriter writer(audit_, **none, clock_, absl::Hours(24));
    EXPECT_TRUE(writer.WriteIfGrown().ok());
  }
  EXPECT_TRUE(Checkpoints().empty());
}

}  // namespace
}  // namespace tokens
