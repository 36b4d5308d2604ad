// What a RocksDB store keeps on the disk, and how little of it a write looks at.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/perf_context.h"
#include "rocksdb/perf_level.h"
#include "storage/rocksdb_keys.h"
#include "storage/rocksdb_token_store.h"
#include "tests/storage/rocksdb_options_for_test.h"
#include "tests/storage/test_records.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {
namespace {

using storage::Family;
using storage::kFamilies;
using storage::kFamilyNames;
using storage::NewToken;
using storage::OneTimeKey;
using storage::RocksDbTokenStore;
using Kind = storage::InsertOutcome::Kind;

std::unique_ptr<RocksDbTokenStore> MustOpen(const std::string& directory) {
  auto store = RocksDbTokenStore::Open(OptionsIn(directory));
  if (!store.ok()) ADD_FAILURE() << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

// The keys in a family of the closed store, as RocksDB has them.
int RawKeys(const std::string& directory, Family family) {
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const char* name : kFamilyNames) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(rocksdb::DBOptions(), directory, descriptors, &handles, &db).ok());
  int keys = 0;
  {
    const std::unique_ptr<rocksdb::Iterator> all(
        db->NewIterator(rocksdb::ReadOptions(), handles[static_cast<int>(family)]));
    for (all->SeekToFirst(); all->Valid(); all->Next()) ++keys;
    EXPECT_TRUE(all->status().ok());
  }
  for (rocksdb::ColumnFamilyHandle* handle : handles) EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  delete db;
  return keys;
}

TEST(RocksDbSpace, CompactionFreesWhatWasSweptAndNothingElse) {
  TempDirectory temp;
  const std::string directory = temp / "store";
  auto store = MustOpen(directory);
  ASSERT_NE(store, nullptr);
  for (uint32_t number = 0; number < 20; ++number) {
    NewToken token = New(number);
    token.record.expire_time = At(100 + number);
    token.single_use_id = OneTimeKey{std::to_string(number), At(10 + number)};
    ASSERT_EQ(store->Insert(token)->kind, Kind::kInserted);
  }
  ASSERT_TRUE(store->Revoke(Digest(19), At(1), kOperator).value());
  ASSERT_EQ(store->Sweep({At(105), At(13)}), absl::OkStatus());
  ASSERT_EQ(store->Compact(), absl::OkStatus());
  store.reset();
  EXPECT_EQ(RawKeys(directory, Family::kTokens), 14) << "0 to 4 expired, 19 was revoked";
  EXPECT_EQ(RawKeys(directory, Family::kByDid), 14);
  EXPECT_EQ(RawKeys(directory, Family::kLive), 14);
  EXPECT_EQ(RawKeys(directory, Family::kSeen), 17);
  store = MustOpen(directory);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->List(kAlice, std::nullopt, 100)->records.size(), 14u);
}

TEST(RocksDbSpace, CompactionFreesSweptSessionsAndRefreshTokensAndNothingElse) {
  TempDirectory temp;
  const std::string directory = temp / "store";
  auto store = MustOpen(directory);
  ASSERT_NE(store, nullptr);
  for (uint32_t number = 1; number <= 3; ++number) {
    ASSERT_EQ(store->Begin(NewSessionOf(number))->kind, storage::BeginOutcome::Kind::kBegun);
  }
  ASSERT_EQ(store->Rotate(RotationOf(0, 1, 500))->kind, storage::RotateOutcome::Kind::kRotated);
  ASSERT_TRUE(store->EndSession(SessionIdOf(2), At(900), kOperator).value());
  ASSERT_EQ(store->Sweep({At(950), At(0)}), absl::OkStatus());
  ASSERT_EQ(store->Compact(), absl::OkStatus());
  store.reset();
  EXPECT_EQ(RawKeys(directory, Family::kSessions), 3 + 3 + 1)
      << "session 1 without its used token, 3 as it began, of 2 the refresh token until that expires";
  store = MustOpen(directory);
  ASSERT_NE(store, nullptr);
  ASSERT_EQ(store->Rotate(RotationOf(1, 2, 960))->kind, storage::RotateOutcome::Kind::kRotated);
  ASSERT_EQ(store->Sweep({At(5000), At(0)}), absl::OkStatus());
  ASSERT_EQ(store->Compact(), absl::OkStatus());
  store.reset();
  EXPECT_EQ(RawKeys(directory, Family::kSessions), 0);
}

TEST(RocksDbSpace, CompactionKeepsATokenRevokedWithItsAccountUntilItHasExpired) {
  TempDirectory temp;
  auto store = MustOpen(temp / "store");
  ASSERT_NE(store, nullptr);
  ASSERT_EQ(store->Insert(New(1))->kind, Kind::kInserted);
  ASSERT_EQ(store->RevokeAll(kAlice, At(1), kOperator).value(), 1);
  ASSERT_EQ(store->Sweep({At(100), At(100)}), absl::OkStatus());
  ASSERT_EQ(store->Compact(), absl::OkStatus());
  EXPECT_EQ(store->Find(Digest(1))->revoke_time, At(1));
}

TEST(RocksDbSpace, SweepHoldsAfterReopeningBeforeAnythingIsFreed) {
  TempDirectory temp;
  auto store = MustOpen(temp / "store");
  ASSERT_NE(store, nullptr);
  ASSERT_EQ(store->Insert(New(1))->kind, Kind::kInserted);
  ASSERT_EQ(store->Sweep({At(101), At(0)}), absl::OkStatus());
  store.reset();
  store = MustOpen(temp / "store");
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->Find(Digest(1)).status().code(), absl::StatusCode::kNotFound);
}

TEST(RocksDbSpace, CountingLiveTokensStepsOverNoMoreThanTheLimit) {
  TempDirectory temp;
  const auto store = MustOpen(temp / "store");
  ASSERT_NE(store, nullptr);
  for (uint32_t number = 0; number < 60; ++number) {
    NewToken token = New(number);
    token.record.expire_time = At(number < 30 ? 10 : 100);
    ASSERT_EQ(store->Insert(token)->kind, Kind::kInserted);
  }
  NewToken token = New(100);
  token.now = At(10);
  token.max_live = 5;
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  rocksdb::get_perf_context()->Reset();
  ASSERT_EQ(store->Insert(token)->kind, Kind::kLiveLimitReached);
  EXPECT_LE(rocksdb::get_perf_context()->internal_key_skipped_count, 5u);
  EXPECT_LE(rocksdb::get_perf_context()->next_on_memtable_count, 5u);
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
}

TEST(RocksDbKeys, TimesSortAsTheyFollow) {
  const absl::Time times[] = {
      absl::InfinitePast(), absl::UnixEpoch() - kTick, absl::UnixEpoch(), absl::UnixEpoch() + kTick, At(0),
      At(0) + kTick,        absl::InfiniteFuture()};
  for (size_t i = 0; i + 1 < std::size(times); ++i) {
    EXPECT_LT(storage::EncodeTime(times[i]), storage::EncodeTime(times[i + 1])) << times[i];
    if (i > 0) {
      EXPECT_EQ(storage::DecodeTime(storage::EncodeTime(times[i])), times[i]);
    }
  }
  EXPECT_EQ(storage::DecodeTime("1234567"), std::nullopt);
  EXPECT_EQ(storage::DecodeTime("123456789"), std::nullopt);
}

TEST(RocksDbKeys, AfterPrefixCarriesOver0xff) {
  EXPECT_EQ(storage::AfterPrefix("ab"), "ac");
  EXPECT_EQ(storage::AfterPrefix("a\xff\xff"), "b");
}

}  // namespace
}  // namespace tokens::testing
