#include "token_service/use_recorder.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "storage/memory_token_store.h"
#include "tests/storage/test_records.h"
#include "tests/support/faulty_token_store.h"

namespace tokens {
namespace {

using testing::At;
using testing::Digest;
using testing::FaultyTokenStore;

constexpr absl::Time kMinute = absl::FromUnixSeconds(60'000);

class UseRecorderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (uint32_t number = 0; number < 64; ++number) ASSERT_TRUE(memory_.Insert(testing::New(number)).ok());
  }
  storage::TokenRecord Find(uint32_t number) { return memory_.Find(Digest(number)).value(); }
  std::optional<absl::Time> LastUse(uint32_t number) { return Find(number).last_use_time; }

  storage::MemoryTokenStore memory_;
  FaultyTokenStore store_{memory_};
};

TEST_F(UseRecorderTest, AUseIsRecordedToTheMinuteOnceItIsFlushed) {
  UseRecorder uses(store_);
  uses.Note(Find(1), kMinute + absl::Seconds(60) - absl::Microseconds(1));
  EXPECT_EQ(LastUse(1), std::nullopt) << "off the way of Validate";
  uses.Flush();
  EXPECT_EQ(LastUse(1), kMinute);
  EXPECT_EQ(LastUse(2), std::nullopt);
}

TEST_F(UseRecorderTest, TheLatestUseWinsInWhateverOrder) {
  UseRecorder uses(store_);
  uses.Note(Find(1), kMinute + absl::Minutes(1));
  uses.Note(Find(1), kMinute);
  uses.Flush();
  EXPECT_EQ(LastUse(1), kMinute + absl::Minutes(1));
}

TEST_F(UseRecorderTest, WhatTheRecordSaysAlreadyIsNotWrittenAgain) {
  UseRecorder uses(store_);
  uses.Note(Find(1), kMinute);
  uses.Flush();
  store_.FailEverything(absl::UnavailableError("a write"));
  uses.Note(Find(1), kMinute + absl::Seconds(59));
  uses.Flush();
  store_.FailEverything(absl::OkStatus());
  ASSERT_TRUE(memory_.RecordUses({{Digest(1), kMinute}}).ok());
  uses.Flush();
  EXPECT_EQ(LastUse(1), kMinute);
}

TEST_F(UseRecorderTest, ACleanStopLosesNothing) {
  { UseRecorder(store_).Note(Find(1), kMinute); }
  EXPECT_EQ(LastUse(1), kMinute);
}

TEST_F(UseRecorderTest, WhatTheStoreCouldNotTakeItGetsTheNextTime) {
  UseRecorder uses(store_);
  store_.Fail(FaultyTokenStore::Call::kRecordUses, absl::ResourceExhaustedError("disk"));
  uses.Note(Find(1), kMinute);
  uses.Flush();
  EXPECT_EQ(LastUse(1), std::nullopt);
  store_.Fail(FaultyTokenStore::Call::kRecordUses, absl::OkStatus());
  uses.Flush();
  EXPECT_EQ(LastUse(1), kMinute);
}

TEST_F(UseRecorderTest, MemoryIsBoundedAndGetsFreeAgain) {
  UseRecorder uses(store_, 16);  // one place in each shard
  for (uint32_t number = 0; number < 64; ++number) uses.Note(Find(number), kMinute);
  uses.Flush();
  int recorded = 0;
  for (uint32_t number = 0; number < 64; ++number) recorded += LastUse(number).has_value() ? 1 : 0;
  EXPECT_GE(recorded, 1);
  EXPECT_LE(recorded, 16);
  for (uint32_t number = 0; number < 64; ++number) {
    uses.Note(Find(number), kMinute);
    uses.Flush();
    EXPECT_EQ(LastUse(number), kMinute) << number;
  }
}

TEST_F(UseRecorderTest, ThreadsMayNoteAndFlushAtOnce) {
  {
    UseRecorder uses(store_);
    std::vector<std::thread> threads;
    for (uint32_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (uint32_t number = thread; number < 64; number += 4) {
          uses.Note(Find(number), kMinute + absl::Minutes(number));
          uses.Flush();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  for (uint32_t number = 0; number < 64; ++number) EXPECT_EQ(LastUse(number), kMinute + absl::Minutes(number));
}

}  // namespace
}  // namespace tokens
