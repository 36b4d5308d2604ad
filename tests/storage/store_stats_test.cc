// What the stores tell of themselves.
#include "storage/store_stats.h"

#include <gtest/gtest.h>

#include "tests/storage/store_backend.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

class StoreStatsTest : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }
  storage::Store& store() { return backend_->store(); }

  std::unique_ptr<StoreBackend> backend_ = GetParam().make();
};

TEST_P(StoreStatsTest, LiveTokensFollowMintsAndRevocations) {
  EXPECT_EQ(store().ReadStats().live_tokens, 0u);
  for (uint32_t number = 0; number < 5; ++number) ASSERT_TRUE(store().Insert(New(number)).ok());
  EXPECT_EQ(store().ReadStats().live_tokens, 5u);
  for (uint32_t number = 0; number < 2; ++number) ASSERT_TRUE(*store().Revoke(Digest(number), At(50), kOperator));
  EXPECT_EQ(store().ReadStats().live_tokens, 3u);
  ASSERT_TRUE(store().Insert(New(0)).ok());  // is there: nothing changes
  EXPECT_EQ(store().ReadStats().live_tokens, 3u);
}

TEST_P(StoreStatsTest, LiveTokensAreNeverFewerThanThereAre) {
  for (uint32_t number = 0; number < 5; ++number) ASSERT_TRUE(store().Insert(New(number)).ok());
  ASSERT_TRUE(store().RevokeAll(New(0).record.did, At(50), kOperator).ok());
  EXPECT_LE(store().ReadStats().live_tokens, 5u);
  ASSERT_TRUE(store().Insert(New(9)).ok());
  EXPECT_GE(store().ReadStats().live_tokens, 1u);
}

INSTANTIATE_TEST_SUITE_P(EveryBackend, StoreStatsTest, EveryBackend(), BackendName);

TEST(RocksDbStats, TellSizesAndTheReserve) {
  TempDirectory temp;
  storage::RocksDbOptions options = OptionsIn(temp / "store");
  options.free_space = [] { return uint64_t{5} << 30; };
  options.free_space_reserve_bytes = 1 << 20;
  auto store = storage::RocksDbTokenStore::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  const uint64_t empty = (*store)->ReadStats().disk->size.value();
  EXPECT_GT(empty, 0u);
  for (uint32_t number = 0; number < 50; ++number) ASSERT_TRUE((*store)->Insert(New(number)).ok());
  const storage::DiskStats disk = (*store)->ReadStats().disk.value();
  EXPECT_GT(disk.size, empty + 50 * 100) << "the log has grown";
  EXPECT_EQ(disk.free_space, uint64_t{5} << 30);
  EXPECT_EQ(disk.free_space_reserve, 1u << 20);
}

TEST(RocksDbStats, ReadsOfBlocksAreCountedAsHitsAndMisses) {
  TempDirectory temp;
  auto store = storage::RocksDbTokenStore::Open(OptionsIn(temp / "store"));
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE((*store)->Insert(New(1)).ok());
  ASSERT_TRUE((*store)->Compact().ok());  // into a table
  const storage::DiskStats before = (*store)->ReadStats().disk.value();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE((*store)->Find(Digest(1)).ok());
  const storage::DiskStats after = (*store)->ReadStats().disk.value();
  EXPECT_GT(after.cache_misses, before.cache_misses);
  EXPECT_GE(after.cache_hits, before.cache_hits + 9);
}

TEST(RocksDbStats, FreeSpaceThatCannotBeToldIsAbsent) {
  TempDirectory temp;
  storage::RocksDbOptions options = OptionsIn(temp / "store");
  bool told = true;
  options.free_space = [&told]() -> absl::StatusOr<uint64_t> {
    if (told) return uint64_t{5} << 30;
    return absl::UnavailableError("no");
  };
  auto store = storage::RocksDbTokenStore::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  told = false;
  EXPECT_EQ((*store)->ReadStats().disk->free_space, std::nullopt);
}

}  // namespace
}  // namespace tokens::testing
