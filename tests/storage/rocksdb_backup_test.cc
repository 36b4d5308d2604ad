// Backups of a store that goes on: what is in one, what it costs, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "storage/memory_token_store.h"
#include "storage/verify_store.h"
#include "tests/storage/backup_fixture.h"

namespace tokens::testing {
namespace {

using storage::AuditAction;
using storage::AuditRecord;
using storage::Backup;
using storage::BackupOptions;
using ::testing::HasSubstr;

class RocksDbBackup : public BackupFixture {};

std::uintmax_t SizeOf(const std::string& directory) {
  std::uintmax_t sum = 0;
  for (const auto& [name, bytes] : FilesIn(directory)) sum += bytes.size();
  return sum;
}

TEST_F(RocksDbBackup, SaysWhatItIsAndHoldsTheRecordOfItself) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  const Backup backup = MakeBackup();
  EXPECT_EQ(backup.id, 1u);
  EXPECT_GT(backup.files, 3u);
  EXPECT_GT(backup.bytes, 1000u);
  EXPECT_LT(absl::AbsDuration(backup.time - absl::Now()), absl::Hours(1));
  EXPECT_EQ(backup.audit_head, store_->ReadAuditHead().value()) << "nothing was written meanwhile";
  const std::vector<AuditRecord> records = store_->ReadAudit(0, 10).value();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].entry, (storage::AuditEntry{At(0), AuditAction::kBackup, kOperator, "", "", "begun"}));
  EXPECT_EQ(backups_->NewestTime().value(), backup.time);
}

TEST_F(RocksDbBackup, HoldsEveryWriteThatWasAcknowledgedBeforeThoughOthersGoOn) {
  ASSERT_EQ(OpenBackups(Options()), absl::OkStatus());
  std::atomic<uint32_t> acknowledged{0};
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (uint32_t number = 1; !stop; ++number) {
      storage::NewToken token = New(number);
      token.max_live = 1 << 30;
      ASSERT_TRUE(store_->Insert(token).ok());
      acknowledged = number;
    }
  });
  std::thread compactor([&] {
    while (!stop) ASSERT_EQ(store_->Compact(), absl::OkStatus());
  });
  std::vector<std::pair<uint32_t, uint32_t>> backups;  // Id, how many tokens it must have.
  for (int i = 0; i < 8; ++i) {
    const uint32_t before = acknowledged;
    backups.emplace_back(MakeBackup().id, before);
  }
  stop = true;
  writer.join();
  compactor.join();
  Close();
  EXPECT_GT(backups.back().second, backups.front().second);
  for (const auto& [id, tokens] : backups) {
    storage::VerifyOptions options;
    options.fault = [](const std::string& fault) { ADD_FAILURE() << fault; };
    const auto report = storage::VerifyBackup(backup_directory_, id, options);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->backup.id, id);
    EXPECT_GE(report->store.families[static_cast<int>(storage::Family::kTokens)].rows, tokens);
    EXPECT_EQ(report->store.audit_head, report->backup.audit_head);
  }
}

TEST_F(RocksDbBackup, SecondOneCopiesOnlyWhatIsNew) {
  for (uint32_t number = 1; number <= 900; ++number) ASSERT_TRUE(store_->Insert(New(number)).ok());
  MakeBackup();
  const std::uintmax_t first = SizeOf(backup_directory_);
  ASSERT_TRUE(store_->Insert(New(1000)).ok());
  const Backup second = MakeBackup();
  EXPECT_EQ(second.id, 2u);
  EXPECT_GT(second.bytes, first / 2) << "what it shares is in it";
  EXPECT_LT(SizeOf(backup_directory_) - first, first / 2);
}

TEST_F(RocksDbBackup, OldOnesGoWhenANewOneIsThere) {
  BackupOptions options = Options();
  options.keep = 2;
  ASSERT_EQ(OpenBackups(options), absl::OkStatus());
  for (int i = 0; i < 4; ++i) MakeBackup();
  for (const uint32_t id : {1u, 2u}) {
    EXPECT_TRUE(absl::IsNotFound(storage::VerifyBackup(backup_directory_, id, {}).status())) << id;
  }
  for (const uint32_t id : {3u, 4u}) EXPECT_TRUE(storage::VerifyBackup(backup_directory_, id, {}).ok()) << id;
}

TEST_F(RocksDbBackup, OneAtATimeAndStopEndsItAndTheNextIsWhole) {
  for (uint32_t number = 1; number <= 900; ++number) ASSERT_TRUE(store_->Insert(New(number)).ok());
  BackupOptions options = Options();
  options.bytes_per_second = 100'000;  // Some seconds, in which it can be stopped after each file.
  ASSERT_EQ(OpenBackups(options), absl::OkStatus());
  absl::Status slow;
  std::thread first([&] { slow = backups_->Create(At(0), kOperator).status(); });
  while (!std::filesystem::exists(backup_directory_ + "/private/1")) std::this_thread::yield();
  EXPECT_TRUE(absl::IsAborted(backups_->Create(At(0), kOperator).status()));
  backups_->Stop();
  first.join();
  EXPECT_TRUE(absl::IsUnavailable(slow)) << slow;
  EXPECT_TRUE(absl::IsUnavailable(backups_->Create(At(0), kOperator).status())) << "none begins after Stop";
  backups_.reset();
  const Backup next = MakeBackup();
  EXPECT_EQ(next.audit_head, store_->ReadAuditHead().value());
  EXPECT_TRUE(storage::VerifyBackup(backup_directory_, 0, {}).ok());
}

TEST_F(RocksDbBackup, WhatACrashLeftOfOneIsNoBackupAndGoesWithTheNext) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  MakeBackup();
  backups_.reset();
  // Without its list of files, which is written last.
  temp_.Write("backups/private/2/MANIFEST-000005", "half");
  temp_.Write("backups/shared_checksum/000077_sABCDEFGHIJ_4.sst", "half");
  EXPECT_EQ(storage::VerifyBackup(backup_directory_, 0, {})->backup.id, 1u);
  BackupOptions options = Options();
  options.free_space = [this]() -> absl::StatusOr<uint64_t> {
    return std::filesystem::exists(backup_directory_ + "/shared_checksum/000077_sABCDEFGHIJ_4.sst") ? 0 : 100 << 20;
  };
  ASSERT_EQ(OpenBackups(options), absl::OkStatus());
  MakeBackup();
  EXPECT_FALSE(std::filesystem::exists(backup_directory_ + "/shared_checksum/000077_sABCDEFGHIJ_4.sst"));
  EXPECT_TRUE(storage::VerifyBackup(backup_directory_, 0, {}).ok());
}

TEST_F(RocksDbBackup, NoneIsBegunWithTooLittleSpace) {
  for (uint32_t number = 1; number <= 200; ++number) ASSERT_TRUE(store_->Insert(New(number)).ok());
  uint64_t free = 0;
  BackupOptions options = Options();
  options.free_space = [&free]() -> absl::StatusOr<uint64_t> { return free; };
  options.free_space_reserve_bytes = 100 << 20;
  ASSERT_EQ(OpenBackups(options), absl::OkStatus());
  const auto head = store_->ReadAuditHead().value();
  for (const uint64_t too_little : {uint64_t{0}, uint64_t{100 << 20}}) {
    free = too_little;
    EXPECT_TRUE(absl::IsResourceExhausted(backups_->Create(At(0), kOperator).status()));
  }
  EXPECT_EQ(store_->ReadAuditHead().value(), head) << "what was not begun is not audited";
  EXPECT_EQ(backups_->NewestTime().value(), std::nullopt);
  free = 200 << 20;
  EXPECT_TRUE(backups_->Create(At(0), kOperator).ok());
}

TEST_F(RocksDbBackup, WhatCannotBeAuditedIsNotDone) {
  Close();
  uint64_t free = 1;
  storage::RocksDbOptions rocksdb = OptionsIn(directory_);
  rocksdb.free_space_reserve_bytes = 1;
  rocksdb.free_space = [&free]() -> absl::StatusOr<uint64_t> { return free; };
  auto opened = storage::RocksDbTokenStore::Open(rocksdb);
  ASSERT_TRUE(opened.ok()) << opened.status();
  store_ = *std::move(opened);
  ASSERT_EQ(OpenBackups(Options()), absl::OkStatus());
  free = 0;
  EXPECT_TRUE(absl::IsResourceExhausted(backups_->Create(At(0), kOperator).status()));
  EXPECT_EQ(backups_->NewestTime().value(), std::nullopt);
  EXPECT_FALSE(backups_->Create(At(0), {std::string(3000, 'x'), ""}).ok()) << "an actor past its bounds";
}

TEST_F(RocksDbBackup, DirectoryThatHoldsOtherThingsIsRefusedAndLeftAlone) {
  const std::string other = temp_.Write("other/notes.txt", "mine").substr(0, (temp_ / "other").size());
  const std::string file = temp_.Write("file", "");
  BackupOptions options = Options();
  struct Case {
    std::string directory;
    std::string message;
  };
  for (const Case& refused : {Case{other, "notes.txt"}, Case{file, "not a directory"},
                              Case{directory_, "the store's own"}, Case{directory_ + "/backups", "in it"},
                              Case{temp_ / "no/such", "cannot be made"}, Case{temp_.path(), "it holds"}}) {
    options.directory = refused.directory;
    const absl::Status status = OpenBackups(options);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << refused.directory << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(refused.message));
  }
  EXPECT_EQ(FilesIn(other), (std::map<std::string, std::string>{{"notes.txt", "mine"}}));
}

TEST_F(RocksDbBackup, BackupsOfAnotherStoreAreNotPushedOut) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  MakeBackup();
  Open(temp_ / "begun anew");
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenBackups(Options()))) << "an empty store in the place of a lost one";
  ASSERT_TRUE(store_->Insert(New(2)).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenBackups(Options())));
  Open(directory_);
  EXPECT_EQ(MakeBackup().id, 2u);
}

TEST_F(RocksDbBackup, DirectoryInUseIsRefused) {
  MakeBackup();
  const std::unique_ptr<storage::BackupFolder> first = std::move(backups_);
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenBackups(Options())));
}

TEST_F(RocksDbBackup, RestoredStoreGoesOnWithTheBackupsItCameFrom) {
  ASSERT_TRUE(store_->Insert(New(1)).ok());
  MakeBackup();
  ASSERT_TRUE(store_->Insert(New(2)).ok());
  MakeBackup();
  Close();
  ASSERT_TRUE(storage::RestoreStore(Order(1)).ok());
  Open(restored_directory_);
  ASSERT_TRUE(store_->Insert(New(3)).ok());
  EXPECT_EQ(MakeBackup().id, 3u);
  Close();
  for (const uint32_t id : {1u, 2u, 3u}) {
    const auto report = storage::VerifyBackup(backup_directory_, id, {});
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->store.faults, 0u) << id;
  }
}

TEST(MemoryStore, HasNoBackups) {
  storage::MemoryTokenStore store;
  EXPECT_TRUE(absl::IsInvalidArgument(store.OpenBackups({}).status()));
}

}  // namespace
}  // namespace tokens::testing
