// What is told of the store: as it is read when asked for, and as it fails and syncs.
#include "token_service/store_metrics.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "storage/open_token_store.h"
#include "tests/storage/test_records.h"
#include "tests/support/metric_reader.h"
#include "tests/support/temp_directory.h"
#include "token_service/service_metrics.h"

namespace tokens {
namespace {

using testing::ReadMetric;

class FixedStats final : public storage::StatsSource {
 public:
  explicit FixedStats(const storage::StoreStats& stats) : stats_(stats) {}
  storage::StoreStats ReadStats() override { return stats_; }

 private:
  const storage::StoreStats stats_;
};

TEST(StoreCollectableTest, EachNumberIsUnderItsName) {
  FixedStats stats({1, storage::DiskStats{2, 3, 4, 5, 6, 7}});
  const auto collected = MakeStoreCollectable(stats);
  EXPECT_EQ(ReadMetric(*collected, "didpic_live_tokens"), 1);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_size_bytes"), 2);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_free_bytes"), 3);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_free_reserve_bytes"), 4);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_block_cache_hits_total"), 5);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_block_cache_misses_total"), 6);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_compaction_pending_bytes"), 7);
}

TEST(StoreCollectableTest, WhatCannotBeToldIsAbsent) {
  storage::DiskStats disk;
  disk.free_space_reserve = 4;
  FixedStats stats({1, disk});
  const auto collected = MakeStoreCollectable(stats);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_size_bytes"), std::nullopt);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_free_bytes"), std::nullopt);
  EXPECT_EQ(ReadMetric(*collected, "didpic_store_free_reserve_bytes"), 4);
  FixedStats in_memory({8, std::nullopt});
  const auto few = MakeStoreCollectable(in_memory);
  EXPECT_EQ(ReadMetric(*few, "didpic_live_tokens"), 8);
  EXPECT_EQ(ReadMetric(*few, "didpic_store_free_reserve_bytes"), std::nullopt);
}

class ServiceMetricsTest : public ::testing::Test {
 protected:
  std::optional<double> Read(const std::string& name, const std::map<std::string, std::string>& labels = {}) {
    return ReadMetric(metrics_.program().registry(), name, labels);
  }
  std::optional<double> Errors(const std::string& code) { return Read("didpic_store_errors_total", {{"code", code}}); }

  testing::TempDirectory directory_;
  ServiceMetrics metrics_{absl::UnixEpoch(), "digest"};
};

TEST_F(ServiceMetricsTest, EachSyncOfTheStoreIsObserved) {
  storage::StoreOptions options;
  options.location = "rocksdb:" + (directory_ / "store");
  metrics_.Observe(&options);
  const auto store = storage::OpenTokenStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  const double before = *Read("didpic_store_wal_sync_seconds");
  ASSERT_TRUE((*store)->Insert(testing::New(1)).ok());
  EXPECT_EQ(Read("didpic_store_wal_sync_seconds"), before + 1);
  ASSERT_TRUE((*store)->RecordUses({{testing::Digest(1), testing::At(50)}}).ok());
  EXPECT_EQ(Read("didpic_store_wal_sync_seconds"), before + 1) << "uses are not synced";
  EXPECT_EQ((*store)->ReadStats().live_tokens, 1u);
  for (const char* code : {"UNAVAILABLE", "DATA_LOSS", "RESOURCE_EXHAUSTED"}) EXPECT_EQ(Errors(code), 0) << code;
}

TEST_F(ServiceMetricsTest, AFailureOfTheStoreIsCountedAndAnAnswerIsNot) {
  storage::StoreOptions options;
  options.location = "rocksdb:" + (directory_ / "store");
  ASSERT_TRUE(storage::OpenTokenStore(options).ok());  // makes it, for which there is room
  options.free_space_reserve_bytes = uint64_t{1} << 62;
  metrics_.Observe(&options);
  const auto store = storage::OpenTokenStore(options);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(absl::IsResourceExhausted((*store)->Insert(testing::New(1)).status()));
  EXPECT_TRUE(absl::IsNotFound((*store)->Find(testing::Digest(1)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument((*store)->FindById("short").status()));
  EXPECT_EQ(Errors("RESOURCE_EXHAUSTED"), 1);
  EXPECT_EQ(Errors("UNAVAILABLE"), 0);
}

TEST_F(ServiceMetricsTest, ALastBackupIsThereOnceThereWasOne) {
  constexpr char kBackup[] = "didpic_backup_last_success_timestamp_seconds";
  EXPECT_EQ(Read(kBackup), std::nullopt);
  metrics_.BackupSucceeded(absl::FromUnixSeconds(1700000000));
  metrics_.BackupSucceeded(absl::FromUnixSeconds(1700000060));
  EXPECT_EQ(Read(kBackup), 1700000060);
  EXPECT_EQ(metrics_.last_backup(), absl::FromUnixSeconds(1700000060));
}

}  // namespace
}  // namespace tokens
