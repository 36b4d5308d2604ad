// What every store leaves in its audit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/storage/store_backend.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using storage::AccountStatus;
using storage::AuditAction;
using storage::AuditCheckpoint;
using storage::AuditEntry;
using storage::AuditHead;
using storage::AuditRecord;
using storage::NewToken;
using Kind = storage::InsertOutcome::Kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The public name of Record(1).
constexpr char kTokenId1[] = "00000001000000000000000000000000";

class AuditLogConformance : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }
  storage::Store& store() { return backend_->store(); }
  void Reopen() { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }

  // All records, whose chain is checked on the way.
  std::vector<AuditRecord> Records() {
    std::vector<AuditRecord> all;
    AuditHead head;
    for (;;) {
      const auto page = store().ReadAudit(head.sequence, 3);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok() || page->empty()) break;
      for (const AuditRecord& record : *page) {
        EXPECT_EQ(CheckLink(head, record), absl::OkStatus());
        head = HeadAfter(record);
        all.push_back(record);
      }
    }
    EXPECT_EQ(store().ReadAuditHead().value(), head);
    return all;
  }
  std::vector<AuditEntry> Entries() {
    std::vector<AuditEntry> entries;
    for (const AuditRecord& record : Records()) entries.push_back(record.entry);
    return entries;
  }

 private:
  std::unique_ptr<StoreBackend> backend_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Backends, AuditLogConformance, EveryBackend(), BackendName);

AuditEntry Reload(int number) {
  return {At(number), AuditAction::kPolicyReload, kOperator, "", "", absl::StrCat(number)};
}

TEST_P(AuditLogConformance, PagesGoOnOverTheGapBeforeARestoration) {
  ASSERT_EQ(store().AppendAudit(Reload(1)), absl::OkStatus());
  ASSERT_EQ(store().AppendAudit({At(2), AuditAction::kRestored, kOperator, "", "", ""}), absl::OkStatus());
  ASSERT_EQ(store().AppendAudit(Reload(3)), absl::OkStatus());
  const std::vector<AuditRecord> records = Records();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].sequence, static_cast<uint64_t>(absl::ToUnixMicros(At(2))));
  EXPECT_EQ(store().ReadAudit(2, 5).value().size(), 2u) << "a number in the gap";
  EXPECT_THAT(store().ReadAudit(records[2].sequence, 5).value(), IsEmpty());
}

TEST_P(AuditLogConformance, BeginsEmpty) {
  EXPECT_THAT(Records(), IsEmpty());
  EXPECT_EQ(store().ReadAuditHead().value(), AuditHead());
}

TEST_P(AuditLogConformance, EachWriteLeavesOneRecordOfItsActorItsInstantAndItsObject) {
  NewToken token = New(1);
  token.now = At(3) + absl::Nanoseconds(1);
  ASSERT_EQ(store().Insert(token)->kind, Kind::kInserted);
  ASSERT_TRUE(store().Revoke(Digest(1), At(4), {"someone", "r4"}).value());
  ASSERT_EQ(store().Insert(New(2))->kind, Kind::kInserted);
  ASSERT_EQ(store().RevokeAll(kAlice, At(5), {"another", "r5"}).value(), 1);
  ASSERT_TRUE(store().SetAccountStatus(kBob, AccountStatus::kTakedown, At(6), {"admin", "r6"}).value());
  EXPECT_THAT(Entries(),
              ElementsAre(AuditEntry{At(3), AuditAction::kMint, kOperator, kAlice, kTokenId1, "widget"},
                          AuditEntry{At(4), AuditAction::kRevoke, {"someone", "r4"}, kAlice, kTokenId1, "revoked"},
                          AuditEntry{At(0), AuditAction::kMint, kOperator, kAlice, "00000002000000000000000000000000",
                                     "widget"},
                          AuditEntry{At(5), AuditAction::kRevokeAll, {"another", "r5"}, kAlice, "", "1"},
                          AuditEntry{At(6), AuditAction::kSetAccountStatus, {"admin", "r6"}, kBob, "", "TAKENDOWN"}));
}

TEST_P(AuditLogConformance, SessionsLeaveARecordOfTheirBeginningAndTheirEndButNotOfARefresh) {
  storage::NewSession session = NewSessionOf(1);
  session.by = {"issuer", "r0"};
  ASSERT_TRUE(store().Begin(session).ok());
  ASSERT_EQ(store().Rotate(RotationOf(0, 1, 10))->kind, storage::RotateOutcome::Kind::kRotated);
  ASSERT_TRUE(store().EndSession(SessionIdOf(1), At(12), {"shim", "r12"}).value());
  const std::string id = "000000010000000000000000000000ff";
  EXPECT_THAT(Entries(),
              ElementsAre(AuditEntry{At(0), AuditAction::kSessionCreate, {"issuer", "r0"}, kAlice, id, "created"},
                          AuditEntry{At(12), AuditAction::kSessionDelete, {"shim", "r12"}, kAlice, id, "ended"}));
}

TEST_P(AuditLogConformance, WhatChangesNothingLeavesNoRecord) {
  ASSERT_EQ(store().Insert(New(1))->kind, Kind::kInserted);
  ASSERT_TRUE(store().Revoke(Digest(1), At(1), kOperator).value());
  ASSERT_TRUE(store().SetAccountStatus(kBob, AccountStatus::kSuspended, At(1), kOperator).value());
  ASSERT_EQ(Records().size(), 3u);

  EXPECT_EQ(store().Insert(New(1))->kind, Kind::kDigestExists);
  EXPECT_EQ(store().Insert(NewFor(kBob, 2))->kind, Kind::kAccountInactive);
  EXPECT_FALSE(store().Revoke(Digest(1), At(2), kOperator).value());
  EXPECT_FALSE(store().Revoke(Digest(9), At(2), kOperator).value());
  EXPECT_EQ(store().RevokeAll(kAlice, At(2), kOperator).value(), 0);
  EXPECT_FALSE(store().SetAccountStatus(kBob, AccountStatus::kSuspended, At(2), kOperator).value());
  EXPECT_EQ(store().RecordUses({{Digest(1), At(2)}}), absl::OkStatus());
  EXPECT_EQ(store().Sweep({At(0), At(0)}), absl::OkStatus());
  EXPECT_EQ(Records().size(), 3u);
}

TEST_P(AuditLogConformance, RevocationOfAnAccountIsRecordedIfItMarkedATokenThoughExpired) {
  ASSERT_EQ(store().Insert(New(1))->kind, Kind::kInserted);
  ASSERT_EQ(store().RevokeAll(kAlice, At(200), kOperator).value(), 0);
  EXPECT_EQ(Records().size(), 2u);
  ASSERT_EQ(store().Insert(New(2))->kind, Kind::kInserted);
  ASSERT_EQ(store().Sweep({At(150), At(0)}), absl::OkStatus());
  ASSERT_EQ(store().RevokeAll(kAlice, At(200), kOperator).value(), 0);
  EXPECT_EQ(Records().size(), 3u) << "what was swept is as if it had never been there";
}

TEST_P(AuditLogConformance, ActorPastItsBoundsIsRefusedAndNothingIsDone) {
  ASSERT_EQ(store().Insert(New(1))->kind, Kind::kInserted);
  ASSERT_TRUE(store().Begin(NewSessionOf(1)).ok());
  for (const storage::Actor& actor : {storage::Actor{std::string(2049, 'x'), ""}, {"", std::string(129, 'x')}}) {
    NewToken token = New(2);
    token.by = actor;
    EXPECT_TRUE(absl::IsInvalidArgument(store().Insert(token).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(store().Revoke(Digest(1), At(1), actor).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(store().RevokeAll(kAlice, At(1), actor).status()));
    EXPECT_TRUE(
        absl::IsInvalidArgument(store().SetAccountStatus(kAlice, AccountStatus::kTakedown, At(1), actor).status()));
    storage::NewSession session = NewSessionOf(2);
    session.by = actor;
    EXPECT_TRUE(absl::IsInvalidArgument(store().Begin(session).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(store().EndSession(SessionIdOf(1), At(1), actor).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(store().AppendAudit({At(1), AuditAction::kBackup, actor, "", "", ""})));
  }
  EXPECT_EQ(store().Find(Digest(1)).value(), Record(1));
  EXPECT_FALSE(store().FindSession(SessionIdOf(2)).ok());
  EXPECT_FALSE(store().FindSession(SessionIdOf(1))->ended);
  EXPECT_EQ(Records().size(), 2u);
}

TEST_P(AuditLogConformance, AppendedEntryComesBackAndABadOneIsRefused) {
  ASSERT_EQ(store().AppendAudit(Reload(1)), absl::OkStatus());
  EXPECT_THAT(Entries(), ElementsAre(Reload(1)));
  AuditEntry bad = Reload(2);
  bad.outcome = std::string(513, 'x');
  EXPECT_TRUE(absl::IsInvalidArgument(store().AppendAudit(bad)));
  bad = Reload(2);
  bad.action = static_cast<AuditAction>(0);
  EXPECT_TRUE(absl::IsInvalidArgument(store().AppendAudit(bad)));
  for (const absl::Time at : {absl::InfiniteFuture(), At(1) + absl::Nanoseconds(1)}) {
    bad = Reload(2);
    bad.time = at;
    EXPECT_TRUE(absl::IsInvalidArgument(store().AppendAudit(bad))) << at;
  }
  EXPECT_EQ(Records().size(), 1u);
}

TEST_P(AuditLogConformance, PagesBeginAfterTheNumberGivenAndEndWithTheChain) {
  for (int i = 1; i <= 5; ++i) ASSERT_EQ(store().AppendAudit(Reload(i)), absl::OkStatus());
  const auto numbers = [this](uint64_t after, int limit) {
    std::vector<uint64_t> sequences;
    const std::vector<AuditRecord> page = store().ReadAudit(after, limit).value();
    for (const AuditRecord& record : page) sequences.push_back(record.sequence);
    return sequences;
  };
  EXPECT_THAT(numbers(0, 2), ElementsAre(1, 2));
  EXPECT_THAT(numbers(3, 9), ElementsAre(4, 5));
  EXPECT_THAT(numbers(5, 9), IsEmpty());
  EXPECT_THAT(numbers(UINT64_MAX, 9), IsEmpty());
  EXPECT_TRUE(absl::IsInvalidArgument(store().ReadAudit(0, 0).status()));
}

TEST_P(AuditLogConformance, TellsWhereTheChainStoodAtEachRecord) {
  EXPECT_EQ(store().ReadAuditHeadAt(0).value(), AuditHead());
  EXPECT_EQ(store().ReadAuditHeadAt(7).value(), AuditHead());
  for (int i = 1; i <= 3; ++i) ASSERT_EQ(store().AppendAudit(Reload(i)), absl::OkStatus());
  const std::vector<AuditRecord> records = Records();
  EXPECT_EQ(store().ReadAuditHeadAt(0).value(), AuditHead());
  EXPECT_EQ(store().ReadAuditHeadAt(2).value(), HeadAfter(records[1]));
  EXPECT_EQ(store().ReadAuditHeadAt(3).value(), HeadAfter(records[2]));
  EXPECT_EQ(store().ReadAuditHeadAt(UINT64_MAX).value(), HeadAfter(records[2]));
}

AuditCheckpoint Checkpoint(uint64_t sequence) {
  AuditCheckpoint checkpoint = {{sequence, {}}, At(1), "0123456789abcdef", {}};
  checkpoint.head.hash.fill(static_cast<uint8_t>(sequence));
  checkpoint.signature.fill(0xa5);
  return checkpoint;
}

TEST_P(AuditLogConformance, CheckpointsComeBackInTheOrderOfTheirRecords) {
  EXPECT_THAT(store().ReadCheckpoints(0, 9).value(), IsEmpty());
  for (const uint64_t sequence : {300, 2, 7})
    ASSERT_EQ(store().WriteCheckpoint(Checkpoint(sequence)), absl::OkStatus());
  Reopen();
  EXPECT_THAT(store().ReadCheckpoints(0, 9).value(), ElementsAre(Checkpoint(2), Checkpoint(7), Checkpoint(300)));
  EXPECT_THAT(store().ReadCheckpoints(0, 1).value(), ElementsAre(Checkpoint(2)));
  EXPECT_THAT(store().ReadCheckpoints(2, 9).value(), ElementsAre(Checkpoint(7), Checkpoint(300)));
  EXPECT_THAT(store().ReadCheckpoints(UINT64_MAX, 9).value(), IsEmpty());
  EXPECT_TRUE(absl::IsInvalidArgument(store().ReadCheckpoints(0, 0).status()));
  AuditCheckpoint later = Checkpoint(7);
  later.time = At(2);
  ASSERT_EQ(store().WriteCheckpoint(later), absl::OkStatus());
  EXPECT_THAT(store().ReadCheckpoints(2, 1).value(), ElementsAre(later)) << "one to a record";
}

TEST_P(AuditLogConformance, MalformedCheckpointIsRefused) {
  AuditCheckpoint bad = Checkpoint(0);
  EXPECT_TRUE(absl::IsInvalidArgument(store().WriteCheckpoint(bad)));
  for (const std::string key_id :
       {"", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg"}) {
    bad = Checkpoint(1);
    bad.key_id = key_id;
    EXPECT_TRUE(absl::IsInvalidArgument(store().WriteCheckpoint(bad))) << key_id;
  }
  for (const absl::Time at : {absl::InfiniteFuture(), At(1) + absl::Nanoseconds(1)}) {
    bad = Checkpoint(1);
    bad.time = at;
    EXPECT_TRUE(absl::IsInvalidArgument(store().WriteCheckpoint(bad))) << at;
  }
  EXPECT_THAT(store().ReadCheckpoints(0, 9).value(), IsEmpty());
}

TEST_P(AuditLogConformance, ChainGoesOnAfterReopening) {
  for (int i = 1; i <= 3; ++i) {
    ASSERT_EQ(store().AppendAudit(Reload(i)), absl::OkStatus());
    Reopen();
  }
  EXPECT_THAT(Entries(), ElementsAre(Reload(1), Reload(2), Reload(3)));
}

TEST_P(AuditLogConformance, ConcurrentWritesMakeOneChainInWhichEachAccountsOrderIsThatOfItsEffects) {
  constexpr int kThreads = 6;
  constexpr int kRounds = 30;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      const std::string did = absl::StrCat("did:x:", i % 2);  // Three threads to an account.
      for (int round = 0; round < kRounds; ++round) {
        EXPECT_TRUE(store().Insert(NewFor(did, i * kRounds + round)).ok());
        if (round % 5 == 4) {
          EXPECT_TRUE(store().RevokeAll(did, At(1), kOperator).ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // How many tokens an account holds follows from the records, at each of them.
  int live[2] = {0, 0};
  int mints = 0;
  for (const AuditEntry& entry : Entries()) {
    int& of_account = live[entry.did.back() - '0'];
    if (entry.action == AuditAction::kMint) {
      ++mints;
      ++of_account;
      continue;
    }
    EXPECT_EQ(entry.outcome, absl::StrCat(of_account));
    of_account = 0;
  }
  EXPECT_EQ(mints, kThreads * kRounds);
}

}  // namespace
}  // namespace tokens::testing
