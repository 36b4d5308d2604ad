// From a backup to a store: what comes back, how it goes on, and what is refused without a trace.
#include "storage/restore_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/utilities/backup_engine.h"
#include "storage/rocksdb_audit.h"
#include "storage/rocksdb_keys.h"
#include "storage/rocksdb_schema.h"
#include "storage/verify_store.h"
#include "tests/storage/backup_fixture.h"

namespace tokens::testing {
namespace {

using storage::AuditAction;
using storage::AuditHead;
using storage::AuditRecord;
using storage::Backup;
using storage::Restored;
using storage::RestoreStore;
using ::testing::HasSubstr;

class RestoreTest : public BackupFixture {
 protected:
  void ExpectNothingMade() {
    EXPECT_FALSE(std::filesystem::exists(restored_directory_));
    EXPECT_FALSE(std::filesystem::exists(restored_directory_ + ".restoring"));
  }
  std::vector<AuditRecord> Audit() { return store_->ReadAudit(0, 1000).value(); }
};

TEST_F(RestoreTest, BringsBackWhatWasInTheBackupAndNothingLater) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  ASSERT_TRUE(store_->Insert(New(2)).ok());
  ASSERT_TRUE(store_->Revoke(Digest(2), At(1), kOperator).value());
  ASSERT_TRUE(store_->Insert(NewFor(kBob, 3)).ok());
  ASSERT_EQ(store_->RevokeAll(kBob, At(2), kOperator).value(), 1);
  ASSERT_TRUE(store_->Begin(NewSessionOf(1)).ok());
  const Backup backup = MakeBackup();
  ASSERT_TRUE(store_->Insert(New(4)).ok());
  Close();

  const absl::StatusOr<Restored> restored = RestoreStore(Order());
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->backup.id, backup.id);
  EXPECT_EQ(restored->backup.audit_head, backup.audit_head);
  Open(restored_directory_);
  EXPECT_EQ(store_->Find(Digest(1)).value(), Record(1));
  EXPECT_EQ(store_->Find(Digest(2))->revoke_time, At(1));
  EXPECT_EQ(store_->Find(Digest(3))->revoke_time, At(2));
  EXPECT_TRUE(store_->FindSession(SessionIdOf(1)).ok());
  EXPECT_FALSE(store_->Find(Digest(4)).ok());
  EXPECT_FALSE(std::filesystem::exists(restored_directory_ + ".restoring"));
}

TEST_F(RestoreTest, SaysInTheChainFromWhatItCame) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  const Backup backup = MakeBackup();
  Close();
  const Restored restored = RestoreStore(Order()).value();
  Open(restored_directory_);
  const std::vector<AuditRecord> audit = Audit();
  ASSERT_EQ(audit.size(), 3u);
  EXPECT_EQ(HeadAfter(audit[1]), backup.audit_head);
  EXPECT_EQ(HeadAfter(audit[2]), restored.audit_head);
  EXPECT_EQ(audit[2].entry.action, AuditAction::kRestored);
  EXPECT_EQ(audit[2].entry.time, kNow);
  EXPECT_EQ(audit[2].sequence, static_cast<uint64_t>(absl::ToUnixMicros(kNow)));
  EXPECT_THAT(audit[2].entry.outcome, HasSubstr("backup 1 of 2"));
  EXPECT_THAT(audit[2].entry.outcome, HasSubstr("which ends with 2:"));
  Close();
  EXPECT_EQ(storage::VerifyAudit(OptionsIn(restored_directory_), {backup.audit_head, {}})->head, restored.audit_head);
}

TEST_F(RestoreTest, NoLifeOfAStoreGivesANumberThatAnotherGave) {
  std::set<uint64_t> given;
  const auto remember = [&](uint64_t after) {
    const std::vector<AuditRecord> records = store_->ReadAudit(after, 1000).value();
    for (const AuditRecord& record : records) {
      EXPECT_TRUE(given.insert(record.sequence).second) << record.sequence;
    }
  };
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  uint64_t shared = MakeBackup().audit_head.sequence;
  remember(0);
  std::string replaced = directory_;
  for (uint32_t life = 1; life <= 4; ++life) {
    // The replaced store goes on after the backup.
    for (uint32_t number = 0; number < 20; ++number) ASSERT_TRUE(store_->Insert(New(100 * life + number)).ok());
    remember(shared);
    Close();
    storage::RestoreOrder order = Order();
    order.directory = temp_ / absl::StrCat("life", life);
    order.now = kNow + absl::Seconds(life);
    ASSERT_TRUE(RestoreStore(order).ok());
    Open(order.directory);
    if (life == 2) {  // From here on from a backup of a store that was restored itself.
      remember(shared);
      shared = MakeBackup().audit_head.sequence;
      remember(shared - 1);
    }
  }
  EXPECT_EQ(*given.rbegin(), static_cast<uint64_t>(absl::ToUnixMicros(kNow + absl::Seconds(4))) - 1'000'000 + 20);
}

TEST_F(RestoreTest, TakesTheOneThatIsNamed) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  MakeBackup();
  ASSERT_TRUE(store_->Insert(New(2)).ok());
  MakeBackup();
  Close();
  EXPECT_TRUE(absl::IsNotFound(RestoreStore(Order(3)).status()));
  ExpectNothingMade();
  EXPECT_EQ(RestoreStore(Order(1))->backup.id, 1u);
  Open(restored_directory_);
  EXPECT_FALSE(store_->Find(Digest(2)).ok());
}

TEST_F(RestoreTest, FlippedByteInAnyFileIsFoundAndNamedAndNothingIsMade) {
  for (uint32_t number = 1; number <= 50; ++number) ASSERT_TRUE(store_->Insert(New(number)).ok());
  MakeBackup();
  Close();
  int flipped = 0;
  for (const auto& [name, bytes] : FilesIn(backup_directory_)) {
    if (bytes.empty() || name.find("meta") == 0) continue;
    SCOPED_TRACE(name);
    FlipByte(backup_directory_ + "/" + name, bytes.size() / 2);
    const absl::Status status = RestoreStore(Order()).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(name));
    ExpectNothingMade();
    FlipByte(backup_directory_ + "/" + name, bytes.size() / 2);
    ++flipped;
  }
  EXPECT_GT(flipped, 5);
  EXPECT_TRUE(RestoreStore(Order()).ok());
}

TEST_F(RestoreTest, FileThatIsMissingOrCutIsFound) {
  for (uint32_t number = 1; number <= 50; ++number) ASSERT_TRUE(store_->Insert(New(number)).ok());
  MakeBackup();
  Close();
  for (const auto& [name, bytes] : FilesIn(backup_directory_)) {
    if (name.find(".sst") == std::string::npos && name.find("MANIFEST") == std::string::npos) continue;
    const std::string path = backup_directory_ + "/" + name;
    std::filesystem::resize_file(path, bytes.size() - 1);
    EXPECT_TRUE(absl::IsDataLoss(RestoreStore(Order()).status())) << name;
    std::filesystem::rename(path, temp_ / "away");
    EXPECT_TRUE(absl::IsDataLoss(RestoreStore(Order()).status())) << name;
    ExpectNothingMade();
    std::ofstream(path, std::ios::binary) << bytes;
  }
  EXPECT_TRUE(RestoreStore(Order()).ok());
}

TEST_F(RestoreTest, DamagedNewestIsNotPassedOverInSilence) {
  MakeBackup();
  MakeBackup();
  Close();
  std::ofstream(backup_directory_ + "/meta/2", std::ios::trunc) << "nonsense";
  const absl::Status status = RestoreStore(Order()).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("backup 2"));
  ExpectNothingMade();
  EXPECT_TRUE(RestoreStore(Order(1)).ok());
}

TEST_F(RestoreTest, ChangedByteOfAListOfFilesMakesNoOtherStore) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  MakeBackup();
  Close();
  const std::string meta = backup_directory_ + "/meta/1";
  for (std::uintmax_t at = 0; at < std::filesystem::file_size(meta); ++at) {
    FlipByte(meta, at);
    std::filesystem::remove_all(restored_directory_);
    const absl::StatusOr<Restored> restored = RestoreStore(Order());
    // Either it is refused, or what changed was not what the store is made of.
    if (restored.ok()) {
      storage::VerifyOptions options;
      options.fault = [at](const std::string& fault) { ADD_FAILURE() << at << ": " << fault; };
      ASSERT_TRUE(storage::VerifyStore(restored_directory_, options).ok()) << at;
    }
    FlipByte(meta, at);
  }
}

TEST_F(RestoreTest, OnlyIntoNothingOrAnEmptyDirectory) {
  MakeBackup();
  Close();
  const std::string full = temp_.Write("full/file", "mine").substr(0, (temp_ / "full").size());
  struct Case {
    std::string directory;
    std::string message;
  };
  for (const Case& refused : {Case{full, "not empty"}, Case{directory_, "not empty"},
                              Case{full + "/file", "not a directory"}, Case{temp_ / "no/such", "parent"},
                              Case{backup_directory_ + "/store", "of the backups"}, Case{"/proc", "mount"}}) {
    storage::RestoreOrder order = Order();
    order.directory = refused.directory;
    const absl::Status status = RestoreStore(order).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << refused.directory << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(refused.message));
  }
  EXPECT_EQ(FilesIn(full), (std::map<std::string, std::string>{{"file", "mine"}}));
  EXPECT_TRUE(RestoreStore(Order(1)).ok());
  std::filesystem::create_directory(temp_ / "empty");
  storage::RestoreOrder order = Order();
  order.directory = temp_ / "empty/";
  EXPECT_TRUE(RestoreStore(order).ok());
  Open(temp_ / "empty");
}

TEST_F(RestoreTest, WhatACrashLeftIsNoStoreAndDoesNotStopTheNext) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  MakeBackup();
  Close();
  temp_.Write("restored.restoring/000001.sst", "half");
  temp_.Write("restored.restoring/folder/file", "left over");
  EXPECT_FALSE(std::filesystem::exists(restored_directory_)) << "only the rename makes it";
  ASSERT_TRUE(RestoreStore(Order()).ok());
  Open(restored_directory_);
  EXPECT_TRUE(store_->Find(Digest(1)).ok());
}

TEST_F(RestoreTest, DirectoryThatHoldsNoBackupsIsRefused) {
  MakeBackup();
  Close();
  storage::RestoreOrder order = Order();
  order.backup_directory = temp_ / "none";
  EXPECT_TRUE(absl::IsNotFound(RestoreStore(order).status()));
  std::filesystem::create_directory(temp_ / "none");
  EXPECT_TRUE(absl::IsNotFound(RestoreStore(order).status()));
  EXPECT_TRUE(std::filesystem::is_empty(temp_ / "none"));
  order.backup_directory = directory_;
  EXPECT_TRUE(absl::IsInvalidArgument(RestoreStore(order).status()));
  ExpectNothingMade();
}

TEST_F(RestoreTest, BackupByANewerProgramIsRefusedBeforeAnythingIsMade) {
  Close();
  {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : storage::kFamilyNames) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::DBOptions(), directory_, families, &handles, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    EXPECT_TRUE(db->Put({}, handles[static_cast<int>(storage::Family::kMeta)], storage::kSchemaKey, "2").ok());
    std::unique_ptr<rocksdb::BackupEngine> engine;
    rocksdb::BackupEngine* made = nullptr;
    ASSERT_TRUE(
        rocksdb::BackupEngine::Open(rocksdb::BackupEngineOptions(backup_directory_), rocksdb::Env::Default(), &made)
            .ok());
    engine.reset(made);
    EXPECT_TRUE(engine->CreateNewBackup(db.get(), true).ok());
    for (rocksdb::ColumnFamilyHandle* handle : handles) EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(RestoreStore(Order()).status()));
  ExpectNothingMade();
}

TEST_F(RestoreTest, ClockBeforeTheBackupIsRefused) {
  MakeBackup();
  Close();
  storage::RestoreOrder order = Order();
  order.now = absl::Now() - absl::Hours(1);
  EXPECT_TRUE(absl::IsFailedPrecondition(RestoreStore(order).status()));
  order.now = absl::FromUnixSeconds(int64_t{1} << 40);
  EXPECT_TRUE(absl::IsFailedPrecondition(RestoreStore(order).status()));
  ExpectNothingMade();
}

TEST_F(RestoreTest, TellsHowFarItIs) {
  for (uint32_t number = 1; number <= 50; ++number) ASSERT_TRUE(store_->Insert(New(number)).ok());
  MakeBackup();
  Close();
  storage::RestoreOrder order = Order();
  std::map<std::string, uint64_t> furthest;
  order.progress = [&](absl::string_view doing, uint64_t done, uint64_t total) {
    EXPECT_GT(total, 0u);
    furthest[std::string(doing)] = done;
  };
  const Restored restored = RestoreStore(order).value();
  EXPECT_EQ(furthest.size(), 2u);
  for (const auto& [doing, bytes] : furthest) EXPECT_GE(bytes, restored.backup.bytes) << doing;
}

}  // namespace
}  // namespace tokens::testing
