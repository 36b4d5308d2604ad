// What the reading of a whole store finds, with its rows changed behind its back, and what it rightly passes over.
#include "storage/verify_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "storage/rocksdb_keys.h"
#include "storage/rocksdb_schema.h"
#include "storage/stored_session_codec.h"
#include "storage/stored_token_codec.h"
#include "tests/storage/backup_fixture.h"

namespace tokens::testing {
namespace {

using storage::Family;
using storage::StoreReport;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kSecondToken = "token 00000002";

// A closed store with rows of every kind, opened by RocksDB's own means: what is written has right checksums.
class Rows {
 public:
  explicit Rows(const std::string& directory) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : storage::kFamilyNames) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(rocksdb::DBOptions(), directory, families, &handles_, &opened).ok());
    db_.reset(opened);
  }
  ~Rows() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) EXPECT_TRUE(db_->DestroyColumnFamilyHandle(handle).ok());
  }
  std::string Get(Family family, const std::string& key) {
    std::string value;
    EXPECT_TRUE(db_->Get({}, Handle(family), key, &value).ok());
    return value;
  }
  void Put(Family family, const std::string& key, const std::string& value) {
    EXPECT_TRUE(db_->Put({}, Handle(family), key, value).ok());
  }
  void Delete(Family family, const std::string& key) {
    std::string there;
    EXPECT_TRUE(db_->Get({}, Handle(family), key, &there).ok()) << "nothing to delete";
    EXPECT_TRUE(db_->Delete({}, Handle(family), key).ok());
  }
  void Move(Family family, const std::string& from, const std::string& to) {
    Put(family, to, Get(family, from));
    Delete(family, from);
  }

 private:
  rocksdb::ColumnFamilyHandle* Handle(Family family) { return handles_[static_cast<int>(family)]; }

  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

class VerifyStoreTest : public BackupFixture {
 protected:
  // Tokens 1 (revoked), 2 and 3 (used) of Alice; 4 of Bob, revoked with his account, and 5 of him after that. Session 1
  // of Alice, refreshed once; session 2 of Bob, ended with his account; session 3 of Alice, ended.
  void Fill() {
    for (uint32_t number = 1; number <= 3; ++number) {
      storage::NewToken token = New(number);
      token.idempotency_key = {"key-" + std::to_string(number), At(500)};
      ASSERT_TRUE(store_->Insert(token).ok());
    }
    ASSERT_TRUE(store_->Revoke(Digest(1), At(1), kOperator).value());
    ASSERT_EQ(store_->RecordUses({{Digest(3), At(1)}}), absl::OkStatus());
    ASSERT_TRUE(store_->SpendSingleUseId(kAlice, {"spent", At(500)}, At(0)).value());
    ASSERT_TRUE(store_->Insert(NewFor(kBob, 4)).ok());
    ASSERT_TRUE(store_->Begin(NewSessionOf(1)).ok());
    ASSERT_TRUE(store_->Begin(NewSessionOf(2, kBob)).ok());
    ASSERT_TRUE(store_->Begin(NewSessionOf(3)).ok());
    ASSERT_TRUE(store_->EndSession(SessionIdOf(3), At(3), kOperator).value());
    ASSERT_TRUE(store_->Rotate(RotationOf(0, 1, 5)).ok());
    ASSERT_EQ(store_->RevokeAll(kBob, At(2), kOperator).value(), 1);
    ASSERT_TRUE(store_->Insert(NewFor(kBob, 5)).ok());
    ASSERT_EQ(store_->RevokeAll(kBob, At(3), kOperator).value(), 1);
    ASSERT_TRUE(store_->SetAccountStatus(kAlice, storage::AccountStatus::kSuspended, At(6), kOperator).value());
    ASSERT_TRUE(store_->WriteCheckpoint(Checkpoint(3)).ok());
  }

  storage::AuditCheckpoint Checkpoint(uint64_t sequence) {
    return {store_->ReadAuditHeadAt(sequence).value(), At(7), "0123456789abcdef", {}};
  }

  absl::StatusOr<StoreReport> Verify() {
    faults_.clear();
    storage::VerifyOptions options;
    options.fault = [this](const std::string& fault) { faults_.push_back(fault); };
    absl::StatusOr<StoreReport> report = storage::VerifyStore(directory_, options);
    if (report.ok()) {
      EXPECT_EQ(report->faults, faults_.size());
    }
    return report;
  }

  std::vector<std::string> faults_;
};

TEST_F(VerifyStoreTest, WholeStoreHasNoFaultAndIsCounted) {
  Fill();
  const storage::AuditHead head = store_->ReadAuditHead().value();
  Close();
  const auto before = FilesIn(directory_);
  const absl::StatusOr<StoreReport> report = Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(faults_, IsEmpty());
  EXPECT_EQ(report->audit_head, head);
  std::vector<std::string> counts;
  for (const auto& family : report->families) counts.push_back(family.name + " " + std::to_string(family.rows));
  EXPECT_THAT(counts, ElementsAre("default 0", "tokens 5", "by_did 5", "live 4", "accounts 4", "seen 4", "sessions 9",
                                  "meta 1", "audit 13", "checkpoints 1"));
  EXPECT_EQ(FilesIn(directory_), before) << "no file is changed or made";
}

TEST_F(VerifyStoreTest, EveryBrokenRowIsToldByItsName) {
  const std::string token2 = storage::TokenKey(Digest(2));
  const std::string listed2 = storage::ByDidKey(kAlice, {At(0), Digest(2)});
  const std::string live2 = storage::LiveKey(Record(2), 0);
  const std::string session1 = storage::SessionKey(SessionIdOf(1));
  storage::SessionRecord moved1 = NewSessionOf(1).record;
  moved1.expire_time = At(1005);
  const std::string live_session1 = storage::LiveSessionKey(moved1, 0);
  const std::string seen1 = storage::SeenKey(storage::KeyKind::kIdempotencyKey, kAlice, "key-1");
  struct Case {
    const char* what;
    std::function<void(Rows&)> change;
    std::string told;
  };
  const Case cases[] = {
      {"token unreadable", [&](Rows& rows) { rows.Put(Family::kTokens, token2, "x"); }, kSecondToken},
      {"token key", [&](Rows& rows) { rows.Put(Family::kTokens, "short", "x"); }, "no digest"},
      {"token gone", [&](Rows& rows) { rows.Delete(Family::kTokens, token2); }, "is not there"},
      {"token not listed", [&](Rows& rows) { rows.Delete(Family::kByDid, listed2); }, "not in its account's list"},
      {"token not live", [&](Rows& rows) { rows.Delete(Family::kLive, live2); }, "not among the live"},
      {"revoked but live", [&](Rows& rows) { rows.Put(Family::kLive, storage::LiveKey(Record(1), 0), ""); },
       "revoked, and among the live"},
      {"listed with another end", [&](Rows& rows) { rows.Put(Family::kByDid, listed2, storage::EncodeTime(At(99))); },
       "another end"},
      {"listed at another time",
       [&](Rows& rows) {
         rows.Move(Family::kByDid, listed2, storage::ByDidKey(kAlice, {At(7), Digest(2)}));
       },
       "another account or time"},
      {"listed under another account",
       [&](Rows& rows) {
         rows.Put(Family::kByDid, storage::ByDidKey(kBob, {At(0), Digest(2)}), storage::EncodeTime(At(100)));
       },
       "another account or time"},
      {"list unreadable", [&](Rows& rows) { rows.Put(Family::kByDid, listed2, "x"); }, "by_did"},
      {"live of another profile",
       [&](Rows& rows) {
         storage::TokenRecord other = Record(2);
         other.profile = "other";
         rows.Move(Family::kLive, live2, storage::LiveKey(other, 0));
       },
       "other than its row says"},
      {"live of nothing", [&](Rows& rows) { rows.Put(Family::kLive, storage::LiveKey(Record(77), 0), ""); },
       "token 0000004d"},
      {"live unreadable", [&](Rows& rows) { rows.Put(Family::kLive, "did:plc:x", ""); }, "cannot be read"},
      {"generation ahead of the account",
       [&](Rows& rows) {
         rows.Put(Family::kTokens, token2, storage::EncodeToken({Record(2), 3}));
       },
       "of generation 3 of its account, which is at 0"},
      {"account back at its beginning", [&](Rows& rows) { rows.Delete(Family::kAccounts, kBob); },
       "there is a generation 1 and no account"},
      {"account behind its history",
       [&](Rows& rows) {
         rows.Put(Family::kAccounts, kBob, storage::EncodeAccount({1, At(2), {}}));
       },
       "is at generation 1, but the last kept is 2"},
      {"history lost", [&](Rows& rows) { rows.Delete(Family::kAccounts, storage::AccountHistoryKey(kBob, 1)); },
       "generation 1 is missing"},
      {"history lost at its end",
       [&](Rows& rows) { rows.Delete(Family::kAccounts, storage::AccountHistoryKey(kBob, 2)); },
       "is at generation 2, but the last kept is 1"},
      {"history of another generation",
       [&](Rows& rows) {
         rows.Put(Family::kAccounts, storage::AccountHistoryKey(kBob, 1), storage::EncodeAccount({9, At(2), {}}));
       },
       "says that it is 9"},
      {"account unreadable", [&](Rows& rows) { rows.Put(Family::kAccounts, kAlice, "x"); }, "account did:plc:alice"},
      {"one-time key unreadable", [&](Rows& rows) { rows.Put(Family::kSeen, seen1, "x"); }, "seen sha256:"},
      {"one-time key of no kind", [&](Rows& rows) { rows.Put(Family::kSeen, "xdid", rows.Get(Family::kSeen, seen1)); },
       "its key cannot be read"},
      {"one-time key of nothing",
       [&](Rows& rows) {
         rows.Put(Family::kSeen, seen1, storage::EncodeOneTimeKey({At(500), Digest(77)}));
       },
       "token 0000004d"},
      {"one-time key of another's token",
       [&](Rows& rows) {
         rows.Put(Family::kSeen, seen1, storage::EncodeOneTimeKey({At(500), Digest(4)}));
       },
       "another account's"},
      {"session unreadable", [&](Rows& rows) { rows.Put(Family::kSessions, session1, "x"); }, "session "},
      {"session gone", [&](Rows& rows) { rows.Delete(Family::kSessions, session1); }, "its session is not there"},
      {"session not live", [&](Rows& rows) { rows.Delete(Family::kSessions, live_session1); }, "not among the live"},
      {"ended but live",
       [&](Rows& rows) { rows.Put(Family::kSessions, storage::LiveSessionKey(NewSessionOf(3).record, 0), ""); },
       "ended, and among the live"},
      {"session ahead of the account",
       [&](Rows& rows) {
         rows.Put(Family::kSessions, session1, storage::EncodeSession({moved1, std::nullopt, 4}));
       },
       "of generation 4 of its account"},
      {"live session at another time",
       [&](Rows& rows) {
         rows.Move(Family::kSessions, live_session1, storage::LiveSessionKey(NewSessionOf(1).record, 0));
       },
       "other than its row says"},
      {"successor gone",
       [&](Rows& rows) { rows.Delete(Family::kSessions, storage::RefreshKey(SessionIdOf(1), RefreshIdOf(1))); },
       "its successor is not there"},
      {"refresh token unreadable",
       [&](Rows& rows) { rows.Put(Family::kSessions, storage::RefreshKey(SessionIdOf(1), RefreshIdOf(1)), "x"); },
       "refresh token"},
      {"row of no kind", [&](Rows& rows) { rows.Put(Family::kSessions, "zz", ""); }, "no kind of row"},
      {"audit changed",
       [&](Rows& rows) {
         rows.Put(Family::kAudit, storage::AuditKey(3), rows.Get(Family::kAudit, storage::AuditKey(2)));
       },
       "audit record 3"},
      {"audit cut out", [&](Rows& rows) { rows.Delete(Family::kAudit, storage::AuditKey(5)); }, "record 5: missing"},
      {"checkpoint unreadable", [&](Rows& rows) { rows.Put(Family::kCheckpoints, storage::AuditKey(3), "x"); },
       "audit checkpoint 3: cannot be read"},
      {"checkpoint of another record",
       [&](Rows& rows) { rows.Move(Family::kCheckpoints, storage::AuditKey(3), storage::AuditKey(4)); },
       "audit checkpoint 4: another record"},
      {"checkpoint of no record",
       [&](Rows& rows) { rows.Move(Family::kCheckpoints, storage::AuditKey(3), storage::AuditKey(99)); },
       "audit checkpoint 99: there is no such record"},
      {"cutoff unreadable", [&](Rows& rows) { rows.Put(Family::kMeta, storage::kTokensCutoffKey, "x"); },
       "tokens_ended_cutoff"},
      {"something in default", [&](Rows& rows) { rows.Put(Family::kDefault, "x", ""); }, "nothing should be there"},
  };
  Fill();
  Close();
  std::filesystem::copy(directory_, temp_ / "good", std::filesystem::copy_options::recursive);
  for (const Case& broken : cases) {
    SCOPED_TRACE(broken.what);
    std::filesystem::remove_all(directory_);
    std::filesystem::copy(temp_ / "good", directory_, std::filesystem::copy_options::recursive);
    {
      Rows rows(directory_);
      broken.change(rows);
    }
    const absl::StatusOr<StoreReport> report = Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(faults_, ::testing::Contains(HasSubstr(broken.told)));
    EXPECT_LE(faults_.size(), 5u);
    EXPECT_THAT(faults_, Each(Not(HasSubstr("key-1")))) << "a client's key is not shown";
  }
}

TEST_F(VerifyStoreTest, WhatASweepForgotIsNoFaultWhateverIsLeftOfIt) {
  Fill();
  ASSERT_EQ(store_->Sweep({At(50), At(0)}), absl::OkStatus());
  Close();
  ASSERT_TRUE(Verify().ok());
  EXPECT_THAT(faults_, IsEmpty()) << "hidden, and all there";
  {
    // A compaction of one family only: token 1, which was revoked at second 1, is gone, and its other rows are left.
    Rows rows(directory_);
    rows.Delete(Family::kTokens, storage::TokenKey(Digest(1)));
    rows.Delete(Family::kSessions, storage::SessionKey(SessionIdOf(3)));
  }
  ASSERT_TRUE(Verify().ok());
  EXPECT_THAT(faults_, IsEmpty());
  {
    Rows rows(directory_);
    rows.Delete(Family::kTokens, storage::TokenKey(Digest(2)));
  }
  ASSERT_TRUE(Verify().ok());
  EXPECT_THAT(faults_, Not(IsEmpty())) << "it ends after the cutoff";
}

TEST_F(VerifyStoreTest, SuccessorIsMissedThoughThingsWereSwept) {
  Fill();
  ASSERT_EQ(store_->Sweep({At(50) - absl::Hours(48), At(0)}), absl::OkStatus());
  Close();
  ASSERT_TRUE(Verify().ok());
  EXPECT_THAT(faults_, IsEmpty());
  { Rows(directory_).Delete(Family::kSessions, storage::RefreshKey(SessionIdOf(1), RefreshIdOf(1))); }
  ASSERT_TRUE(Verify().ok());
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("its successor is not there")));
}

TEST_F(VerifyStoreTest, RealSweepsAndCompactionsLeaveNoFault) {
  for (uint32_t number = 1; number <= 60; ++number) {
    storage::NewToken token = New(number);
    token.record.expire_time = At(100 + number);
    token.idempotency_key = {"key-" + std::to_string(number), At(1000)};
    ASSERT_TRUE(store_->Insert(token).ok());
    if (number % 3 == 0) {
      ASSERT_TRUE(store_->Revoke(Digest(number), At(number), kOperator).value());
    }
    if (number % 20 == 0) {
      ASSERT_TRUE(store_->RevokeAll(kAlice, At(number), kOperator).ok());
      ASSERT_EQ(store_->Sweep({At(100 + number / 2), At(0)}), absl::OkStatus());
      ASSERT_EQ(store_->Compact(), absl::OkStatus());
    }
  }
  Close();
  ASSERT_TRUE(Verify().ok());
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(VerifyStoreTest, FlippedByteInATableFileIsFound) {
  Fill();
  MakeBackup();  // Puts all of it into table files.
  Close();
  int flipped = 0;
  for (const auto& [name, bytes] : FilesIn(directory_)) {
    if (name.find(".sst") == std::string::npos) continue;
    SCOPED_TRACE(name);
    FlipByte(directory_ + "/" + name, 10);
    const absl::StatusOr<StoreReport> report = Verify();
    EXPECT_TRUE(report.ok() ? report->faults > 0 : absl::IsDataLoss(report.status())) << report.status();
    FlipByte(directory_ + "/" + name, 10);
    ++flipped;
  }
  EXPECT_GT(flipped, 3);
  ASSERT_TRUE(Verify().ok());
  EXPECT_THAT(faults_, IsEmpty());
}

TEST_F(VerifyStoreTest, WhatIsNoStoreCannotBeTold) {
  Close();
  const auto verify = [](const std::string& directory) { return storage::VerifyStore(directory, {}).status(); };
  EXPECT_TRUE(absl::IsNotFound(verify(temp_ / "none")));
  EXPECT_FALSE(std::filesystem::exists(temp_ / "none"));
  std::filesystem::create_directory(temp_ / "empty");
  EXPECT_TRUE(absl::IsNotFound(verify(temp_ / "empty")));
  temp_.Write("other/notes.txt", "");
  EXPECT_TRUE(absl::IsNotFound(verify(temp_ / "other")));
  temp_.Write("begun/CREATING", "");
  EXPECT_TRUE(absl::IsFailedPrecondition(verify(temp_ / "begun")));
  std::filesystem::remove(directory_ + "/CURRENT");
  EXPECT_TRUE(absl::IsDataLoss(verify(directory_)));
}

TEST_F(VerifyStoreTest, StoreThatAnotherProcessHasOpenIsRefused) {
  Fill();
  // The lock is the process's own: only another sees it.
  const pid_t child = fork();
  if (child == 0) {
    const bool refused = absl::IsFailedPrecondition(storage::VerifyStore(directory_, {}).status());
    _exit(refused ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(VerifyStoreTest, StoreByANewerProgramCannotBeTold) {
  Close();
  { Rows(directory_).Put(Family::kMeta, storage::kSchemaKey, "2"); }
  EXPECT_TRUE(absl::IsFailedPrecondition(Verify().status()));
}

}  // namespace
}  // namespace tokens::testing
