// An acknowledged write is on the disk, and a disk that fills up neither loses nor stops more than it must.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <string>

#include "storage/rocksdb_token_store.h"
#include "tests/storage/rocksdb_options_for_test.h"
#include "tests/storage/test_records.h"
#include "tests/storage/unsynced_loss_env.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {
namespace {

using storage::RocksDbOptions;
using storage::RocksDbTokenStore;
using Kind = storage::InsertOutcome::Kind;

std::unique_ptr<RocksDbTokenStore> MustOpen(const RocksDbOptions& options) {
  auto store = RocksDbTokenStore::Open(options);
  if (!store.ok()) ADD_FAILURE() << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

TEST(RocksDbDurability, EveryAcknowledgedWriteSyncsTheLog) {
  TempDirectory temp;
  RocksDbOptions options = OptionsIn(temp / "store");
  options.statistics = rocksdb::CreateDBStatistics();
  const auto store = MustOpen(options);
  ASSERT_NE(store, nullptr);
  const auto syncs = [&] { return options.statistics->getTickerCount(rocksdb::WAL_FILE_SYNCED); };
  uint64_t before = syncs();
  const auto synced = [&] { return std::exchange(before, syncs()) < syncs(); };

  ASSERT_EQ(store->Insert(New(1))->kind, Kind::kInserted);
  EXPECT_TRUE(synced()) << "Insert";
  ASSERT_EQ(store->RecordUses({{Digest(1), At(1)}}), absl::OkStatus());
  EXPECT_FALSE(synced()) << "RecordUses keeps nobody waiting";
  ASSERT_TRUE(store->Revoke(Digest(1), At(1), kOperator).value());
  EXPECT_TRUE(synced()) << "Revoke";
  ASSERT_EQ(store->RevokeAll(kAlice, At(1), kOperator).value(), 0);
  EXPECT_FALSE(synced()) << "RevokeAll with nothing to revoke writes nothing";
  ASSERT_EQ(store->Insert(New(2))->kind, Kind::kInserted);
  EXPECT_TRUE(synced()) << "Insert";
  ASSERT_EQ(store->RevokeAll(kAlice, At(1), kOperator).value(), 1);
  EXPECT_TRUE(synced()) << "RevokeAll";
  ASSERT_TRUE(store->SetAccountStatus(kAlice, storage::AccountStatus::kTakedown, At(1), kOperator).value());
  EXPECT_TRUE(synced()) << "SetAccountStatus";
  ASSERT_EQ(store->Sweep({At(0), At(0)}), absl::OkStatus());
  EXPECT_TRUE(synced()) << "Sweep";
  ASSERT_EQ(store->AppendAudit({At(1), storage::AuditAction::kPolicyReload, kOperator, "", "", ""}), absl::OkStatus());
  EXPECT_TRUE(synced()) << "AppendAudit";
  ASSERT_EQ(store->WriteCheckpoint({{1, {}}, At(1), "0123456789abcdef", {}}), absl::OkStatus());
  EXPECT_TRUE(synced()) << "WriteCheckpoint";
}

TEST(RocksDbDurability, EveryAcknowledgedChangeOfASessionSyncsTheLog) {
  TempDirectory temp;
  RocksDbOptions options = OptionsIn(temp / "store");
  options.statistics = rocksdb::CreateDBStatistics();
  const auto store = MustOpen(options);
  ASSERT_NE(store, nullptr);
  const auto syncs = [&] { return options.statistics->getTickerCount(rocksdb::WAL_FILE_SYNCED); };
  uint64_t before = syncs();
  const auto synced = [&] { return std::exchange(before, syncs()) < syncs(); };

  ASSERT_EQ(store->Begin(NewSessionOf(1))->kind, storage::BeginOutcome::Kind::kBegun);
  EXPECT_TRUE(synced()) << "Begin";
  ASSERT_EQ(store->Rotate(RotationOf(0, 1, 10))->kind, storage::RotateOutcome::Kind::kRotated);
  EXPECT_TRUE(synced()) << "Rotate";
  ASSERT_EQ(store->Rotate(RotationOf(0, 2, 11))->kind, storage::RotateOutcome::Kind::kRotated);
  EXPECT_FALSE(synced()) << "a repeated use writes nothing";
  ASSERT_TRUE(store->EndSession(SessionIdOf(1), At(12), kOperator).value());
  EXPECT_TRUE(synced()) << "EndSession";
  ASSERT_EQ(store->Begin(NewSessionOf(2))->kind, storage::BeginOutcome::Kind::kBegun);
  EXPECT_TRUE(synced()) << "Begin";
  ASSERT_EQ(store->RevokeAll(kAlice, At(13), kOperator).value(), 0);
  EXPECT_TRUE(synced()) << "RevokeAll ends a session where there is no token";
}

TEST(RocksDbDurability, PowerCutAtAnyMomentLosesNoAcknowledgedWrite) {
  TempDirectory temp;
  UnsyncedLossEnv env;
  RocksDbOptions options = OptionsIn(temp / "store");
  options.env = &env;
  uint32_t inserted = 0;
  for (int cut = 0; cut < 8; ++cut) {
    SCOPED_TRACE(cut);
    auto store = MustOpen(options);
    ASSERT_NE(store, nullptr);
    for (uint32_t number = 0; number < inserted; ++number) {
      const auto record = store->Find(Digest(number));
      ASSERT_TRUE(record.ok()) << number << ": " << record.status();
      ASSERT_EQ(record->revoke_time.has_value(), number % 3 == 0) << number;
    }
    for (int i = 0; i < 5; ++i, ++inserted) {
      ASSERT_EQ(store->Insert(New(inserted))->kind, Kind::kInserted);
      if (inserted % 3 == 0) {
        ASSERT_TRUE(store->Revoke(Digest(inserted), At(1), kOperator).value());
      }
      if (cut % 3 == 2 && i == 2) {
        ASSERT_EQ(store->Compact(), absl::OkStatus());
      }
    }
    env.Freeze();  // What closing still writes comes too late.
    store.reset();
    env.LoseUnsynced();
    env.Thaw();
  }
}

TEST(RocksDbDurability, UnderTheReserveWritesAreRefusedReadsGoOnAndItRecoversByItself) {
  TempDirectory temp;
  std::atomic<uint64_t> free = 1000;
  RocksDbOptions options = OptionsIn(temp / "store");
  options.free_space_reserve_bytes = 1000;
  options.free_space = [&free]() -> absl::StatusOr<uint64_t> { return free.load(); };
  const auto store = MustOpen(options);
  ASSERT_NE(store, nullptr);
  ASSERT_EQ(store->Insert(New(1))->kind, Kind::kInserted);

  free = 999;
  EXPECT_EQ(store->Insert(New(2)).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(store->Revoke(Digest(1), At(1), kOperator).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(store->RevokeAll(kAlice, At(1), kOperator).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(store->Sweep({At(0), At(0)}).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(store->Find(Digest(1)).value(), Record(1));
  EXPECT_EQ(store->List(kAlice, std::nullopt, 10)->records.size(), 1u);
  EXPECT_FALSE(store->Find(Digest(2)).ok()) << "refused, yet done";

  free = 1000;
  EXPECT_EQ(store->Insert(New(2))->kind, Kind::kInserted);
}

TEST(RocksDbDurability, ProbeThatCannotTellStopsWritesOnly) {
  TempDirectory temp;
  absl::Status fault;
  RocksDbOptions options = OptionsIn(temp / "store");
  options.free_space = [&fault]() -> absl::StatusOr<uint64_t> {
    if (!fault.ok()) return fault;
    return 1;
  };
  const auto store = MustOpen(options);
  ASSERT_NE(store, nullptr);
  ASSERT_EQ(store->Insert(New(1))->kind, Kind::kInserted);
  fault = absl::UnavailableError("no answer");
  EXPECT_EQ(store->Insert(New(2)).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(store->Find(Digest(1)).ok());
}

// A file system of 16 MiB of its own, where the machine lets a test mount one.
class SmallDisk {
 public:
  SmallDisk() : mounted_(mount("tmpfs", temp_.path().c_str(), "tmpfs", 0, "size=16m") == 0) {}
  ~SmallDisk() {
    if (mounted_) umount2(temp_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string operator/(const std::string& name) const { return temp_ / name; }

 private:
  TempDirectory temp_;
  const bool mounted_;
};

TEST(RocksDbDurability, DiskThatFillsUpIsRefusedInTimeAndNothingIsLost) {
  SmallDisk disk;
  std::atomic<bool> full = false;
  RocksDbOptions options = OptionsIn(disk / "store");
  options.free_space_reserve_bytes = 8 << 20;
  if (!disk.mounted()) options.free_space = [&]() -> absl::StatusOr<uint64_t> { return full ? 0 : 9 << 20; };
  auto store = MustOpen(options);
  ASSERT_NE(store, nullptr);
  uint32_t inserted = 0;
  for (; inserted < 20; ++inserted) ASSERT_EQ(store->Insert(New(inserted))->kind, Kind::kInserted);

  full = true;
  if (disk.mounted()) std::ofstream(disk / "ballast") << std::string(12 << 20, 'x');
  EXPECT_EQ(store->Insert(New(inserted)).status().code(), absl::StatusCode::kResourceExhausted);
  for (uint32_t number = 0; number < inserted; ++number) EXPECT_TRUE(store->Find(Digest(number)).ok()) << number;

  full = false;
  std::filesystem::remove(disk / "ballast");
  EXPECT_EQ(store->Insert(New(inserted))->kind, Kind::kInserted);
  store.reset();
  store = MustOpen(options);
  ASSERT_NE(store, nullptr);
  for (uint32_t number = 0; number <= inserted; ++number) EXPECT_TRUE(store->Find(Digest(number)).ok()) << number;
}

}  // namespace
}  // namespace tokens::testing
