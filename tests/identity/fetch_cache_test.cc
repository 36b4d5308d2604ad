#include "token_service/identity/fetch_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_clock.h"

namespace tokens {
namespace {

class FetchCacheTest : public ::testing::Test {
 protected:
  // Fetches are numbered, so a value tells which one it came from.
  int Get(const std::string& key, absl::Duration keep_for = absl::Minutes(1)) {
    return *cache_.Get(key, [&] { return FetchCache<int>::Fetched{++fetches_, keep_for}; });
  }

  testing::FakeClock clock_;
  FetchCache<int> cache_{clock_, 2, absl::Minutes(1)};
  int fetches_ = 0;
};

TEST_F(FetchCacheTest, AValueIsKeptUntilTheVeryInstant) {
  EXPECT_EQ(Get("a"), 1);
  clock_.Advance(absl::Minutes(1) - absl::Microseconds(1));
  EXPECT_EQ(Get("a"), 1);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Get("a"), 2);
}

TEST_F(FetchCacheTest, AClockSetBackMakesValuesOlder) {
  EXPECT_EQ(Get("a"), 1);
  clock_.Advance(-absl::Minutes(1));
  EXPECT_EQ(Get("a"), 2);
}

TEST_F(FetchCacheTest, WhatIsNotToBeKeptIsFetchedAgain) {
  EXPECT_EQ(Get("a", absl::ZeroDuration()), 1);
  EXPECT_EQ(Get("a", absl::ZeroDuration()), 2);
}

TEST_F(FetchCacheTest, TheOldestValueMakesRoom) {
  EXPECT_EQ(Get("a"), 1);
  EXPECT_EQ(Get("b"), 2);
  EXPECT_EQ(Get("a"), 1);
  EXPECT_EQ(Get("c"), 3);
  EXPECT_EQ(Get("a"), 1);
  EXPECT_EQ(Get("b"), 4);
}

TEST_F(FetchCacheTest, CallersShareAFetch) {
  constexpr int kCallers = 8;
  std::atomic<int> waiting = 0;
  std::atomic<int> fetches = 0;
  std::vector<std::thread> callers;
  std::atomic<int> sum = 0;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      ++waiting;
      sum += *cache_.Get("a", [&] {
        ++fetches;
        while (waiting < kCallers) std::this_thread::yield();  // until all are on their way
        return FetchCache<int>::Fetched{7, absl::Minutes(1)};
      });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(fetches, 1);
  EXPECT_EQ(sum, 7 * kCallers);
}

TEST_F(FetchCacheTest, ACallerWaitsForAnotherNoLongerThanAllowed) {
  FetchCache<int> cache(clock_, 1, absl::Milliseconds(1));
  const auto first = cache.Get("a", [&] {
    std::optional<int> second;
    std::thread([&] { second = cache.Get("a", [] { return FetchCache<int>::Fetched{2, absl::Minutes(1)}; }); }).join();
    EXPECT_EQ(second, std::nullopt);
    return FetchCache<int>::Fetched{1, absl::Minutes(1)};
  });
  EXPECT_EQ(first, 1);
}

}  // namespace
}  // namespace tokens
