// What verify-audit prints and how it exits.
#include "token_service/verify_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/open_token_store.h"
#include "tests/support/audit_keys.h"
#include "tests/support/temp_directory.h"
#include "token_service/audit_key.h"

namespace tokens {
namespace {

using ::testing::HasSubstr;
using testing::kAuditKeyPem;
using testing::kOtherAuditKeyPem;
using ::testing::StartsWith;

class VerifyAuditTest : public ::testing::Test {
 protected:
  // A closed store with `records` records; where its audit ends.
  std::string MakeStore(const std::string& name, int records) {
    Append(name, records);
    return FormatAuditHead(Open(name)->ReadAuditHead().value());
  }
  std::unique_ptr<storage::Store> Open(const std::string& name) {
    storage::StoreOptions options;
    options.location = Location(name);
    options.free_space_reserve_bytes = 0;
    auto store = storage::OpenTokenStore(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  void Append(const std::string& name, int records) {
    const auto store = Open(name);
    for (int i = 0; i < records; ++i) {
      const storage::AuditEntry entry = {
          absl::FromUnixSeconds(i), storage::AuditAction::kPolicyReload, {name, ""}, "", "", ""};
      EXPECT_TRUE(store->AppendAudit(entry).ok());
    }
  }
  // Signs the end of its audit, and spoils the signature if told to.
  void Sign(
      const std::string& name, const char* key,
      const std::function<void(storage::AuditCheckpoint&)>& spoil = [](storage::AuditCheckpoint&) {}) {
    const auto store = Open(name);
    auto checkpoint = AuditKey::Parse(key)->Sign(store->ReadAuditHead().value(), absl::FromUnixSeconds(9));
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    spoil(*checkpoint);
    ASSERT_TRUE(store->WriteCheckpoint(*checkpoint).ok());
  }
  std::string Location(const std::string& name) { return absl::StrCat("rocksdb:", directory_ / name); }

  testing::TempDirectory directory_;
  const std::string key_ = directory_.Write("public.pem", testing::kAuditPublicKeyPem);
  const std::string other_key_ = directory_.Write("other.pem", testing::kOtherAuditPublicKeyPem);
};

TEST_F(VerifyAuditTest, ChainThatHoldsExits0AndSaysWhereItEnds) {
  const std::string head = MakeStore("store", 3);
  EXPECT_THAT(head, StartsWith("3:"));
  for (const std::string& known : {std::string(), head}) {
    const AuditVerdict verdict = VerifyAudit(Location("store"), known, {});
    EXPECT_EQ(verdict.exit_code, 0) << verdict.line;
    EXPECT_THAT(verdict.line, HasSubstr(head));
  }
}

TEST_F(VerifyAuditTest, ChainThatIsNotTheKnownOneExits1) {
  const std::string longer = MakeStore("longer", 4);
  const std::string other = MakeStore("other", 3);
  MakeStore("store", 3);
  const AuditVerdict cut = VerifyAudit(Location("store"), longer, {});
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_THAT(cut.line, HasSubstr("record 4: missing"));
  const AuditVerdict forged = VerifyAudit(Location("store"), other, {});
  EXPECT_EQ(forged.exit_code, 1);
  EXPECT_THAT(forged.line, HasSubstr("record 3: not the one"));
}

TEST_F(VerifyAuditTest, WhatCannotBeToldExits2AndNamesTheFlag) {
  MakeStore("store", 1);
  for (const std::string& location :
       {std::string(), std::string("memory:"), std::string("rocksdb:"), Location("none")}) {
    const AuditVerdict verdict = VerifyAudit(location, "", {});
    EXPECT_EQ(verdict.exit_code, 2) << location;
    EXPECT_THAT(verdict.line, StartsWith("--store: ")) << location;
  }
  for (const std::string known : {"1", "1:", "x:00", ":", "1:0g", "-1:00"}) {
    const AuditVerdict verdict = VerifyAudit(Location("store"), known, {});
    EXPECT_EQ(verdict.exit_code, 2) << known;
    EXPECT_THAT(verdict.line, StartsWith("--audit_head: ")) << known;
  }
}

TEST_F(VerifyAuditTest, WithoutAKeyItSaysThatSignaturesWereNotChecked) {
  MakeStore("store", 2);
  EXPECT_THAT(VerifyAudit(Location("store"), "", {}).line, HasSubstr("signatures of its checkpoints were not checked"));
}

TEST_F(VerifyAuditTest, WithAKeyItSaysUpToWhereTheChainIsSigned) {
  const std::string head = MakeStore("store", 3);
  Sign("store", kAuditKeyPem);
  Append("store", 2);
  const AuditVerdict verdict = VerifyAudit(Location("store"), head, {key_});
  EXPECT_EQ(verdict.exit_code, 0) << verdict.line;
  EXPECT_THAT(verdict.line, HasSubstr(absl::StrCat("signed up to record 3 by the key ", testing::kAuditKeyId)));
  EXPECT_THAT(verdict.line, HasSubstr("not signed: 2"));
}

TEST_F(VerifyAuditTest, AKeyThatWasReplacedIsGivenToo) {
  MakeStore("store", 1);
  Sign("store", kAuditKeyPem);
  Append("store", 1);
  Sign("store", kOtherAuditKeyPem);
  EXPECT_EQ(VerifyAudit(Location("store"), "", {key_, other_key_}).exit_code, 0);
  for (const std::string& key : {key_, other_key_}) {
    const AuditVerdict verdict = VerifyAudit(Location("store"), "", {key});
    EXPECT_EQ(verdict.exit_code, 2) << verdict.line;
    EXPECT_THAT(verdict.line, StartsWith("--audit_public_key: checkpoint "));
  }
}

TEST_F(VerifyAuditTest, ForgedCheckpointExits1) {
  MakeStore("store", 2);
  Sign("store", kAuditKeyPem, [](storage::AuditCheckpoint& checkpoint) { checkpoint.signature[0] ^= 1; });
  const AuditVerdict verdict = VerifyAudit(Location("store"), "", {key_, other_key_});
  EXPECT_EQ(verdict.exit_code, 1);
  EXPECT_THAT(verdict.line, HasSubstr("checkpoint 2: its signature is not by the key"));
}

TEST_F(VerifyAuditTest, CheckpointOfAnotherKeyThatClaimsToBeOfThisOneExits1) {
  MakeStore("store", 2);
  Sign("store", kOtherAuditKeyPem,
       [](storage::AuditCheckpoint& checkpoint) { checkpoint.key_id = testing::kAuditKeyId; });
  EXPECT_EQ(VerifyAudit(Location("store"), "", {key_}).exit_code, 1);
}

TEST_F(VerifyAuditTest, HistoryMadeAnewDoesNotFitWhatWasSigned) {
  MakeStore("store", 3);
  Sign("store", kAuditKeyPem);
  storage::AuditCheckpoint of_the_other;
  {
    const auto store = Open("store");
    of_the_other = store->ReadCheckpoints(0, 1)->front();
  }
  MakeStore("anew", 3);
  ASSERT_TRUE(Open("anew")->WriteCheckpoint(of_the_other).ok());
  for (const std::vector<std::string>& keys : {std::vector<std::string>{key_}, {}}) {
    const AuditVerdict verdict = VerifyAudit(Location("anew"), "", keys);
    EXPECT_EQ(verdict.exit_code, 1);
    EXPECT_THAT(verdict.line, HasSubstr("checkpoint 3: another record was signed"));
  }
}

TEST_F(VerifyAuditTest, AChainOfWhichNothingIsSignedExits1WithAKey) {
  MakeStore("store", 1);
  EXPECT_EQ(VerifyAudit(Location("store"), "", {key_}).exit_code, 1);
  MakeStore("empty", 0);
  EXPECT_EQ(VerifyAudit(Location("empty"), "", {key_}).exit_code, 0);
}

TEST_F(VerifyAuditTest, AKeyThatCannotBeReadExits2) {
  MakeStore("store", 1);
  for (const std::string& path : {directory_ / "missing", directory_.Write("private.pem", kAuditKeyPem)}) {
    const AuditVerdict verdict = VerifyAudit(Location("store"), "", {key_, path});
    EXPECT_EQ(verdict.exit_code, 2);
    EXPECT_THAT(verdict.line, StartsWith("--audit_public_key: " + path));
  }
}

TEST(AuditHead, ComesBackFromItsText) {
  storage::AuditHead head;
  head.sequence = 42;
  head.hash.fill(0xa5);
  EXPECT_EQ(ParseAuditHead(FormatAuditHead(head)), head);
  std::string text = FormatAuditHead(head);
  text.back() = 'g';
  EXPECT_EQ(ParseAuditHead(text), std::nullopt);
}

}  // namespace
}  // namespace tokens
