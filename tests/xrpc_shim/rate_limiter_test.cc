#include "xrpc_shim/rate_limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tokens::xrpc {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr absl::Time kStart = absl::FromUnixSeconds(1'900'000'000);

TEST(RateLimiterTest, LetsTheLimitThroughAtOnceAndThenAsItRefills) {
  RateLimiter limiter({3, absl::Seconds(30)}, 10);
  for (int remaining : {2, 1, 0}) {
    const RateReport report = limiter.Take("a", kStart);
    EXPECT_TRUE(report.allowed);
    EXPECT_EQ(report.remaining, remaining);
    EXPECT_EQ(report.reset, kStart + absl::Seconds(10) * (3 - remaining));
  }
  const RateReport refused = limiter.Take("a", kStart);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, absl::Seconds(10));
  EXPECT_FALSE(limiter.Take("a", kStart + absl::Seconds(9)).allowed);
  EXPECT_TRUE(limiter.Take("a", kStart + absl::Seconds(11)).allowed) << "what was refused was not counted";
  EXPECT_FALSE(limiter.Take("a", kStart + absl::Seconds(11)).allowed);
}

TEST(RateLimiterTest, KeysDoNotShareAndLookingCountsNothing) {
  RateLimiter limiter({1, absl::Seconds(60)}, 10);
  EXPECT_EQ(limiter.Look("a", kStart).remaining, 1);
  EXPECT_TRUE(limiter.Look("a", kStart).allowed);
  EXPECT_TRUE(limiter.Take("a", kStart).allowed);
  EXPECT_FALSE(limiter.Look("a", kStart).allowed);
  EXPECT_TRUE(limiter.Take("b", kStart).allowed);
}

TEST(RateLimiterTest, ANewLimitStartsAnewAndTheSameOneDoesNot) {
  RateLimiter limiter({1, absl::Seconds(60)}, 10);
  EXPECT_TRUE(limiter.Take("a", kStart).allowed);
  limiter.SetLimit({1, absl::Seconds(60)});
  EXPECT_FALSE(limiter.Take("a", kStart).allowed);
  limiter.SetLimit({2, absl::Seconds(60)});
  EXPECT_EQ(limiter.Take("a", kStart).remaining, 1);
}

TEST(RateLimiterTest, RemembersNoMoreKeysThanItMay) {
  RateLimiter limiter({1, absl::Seconds(60)}, 2);
  for (const char* key : {"a", "b", "c"}) EXPECT_TRUE(limiter.Take(key, kStart).allowed);
  EXPECT_FALSE(limiter.Take("c", kStart).allowed);
  EXPECT_FALSE(limiter.Take("b", kStart).allowed);
  EXPECT_TRUE(limiter.Take("a", kStart).allowed) << "made room for c";
}

TEST(RateHeadersTest, AreThoseOfTheReferenceServer) {
  RateReport report{true, {3000, absl::Minutes(5)}, 2999, kStart + absl::Milliseconds(100), absl::ZeroDuration()};
  EXPECT_THAT(RateHeaders(report),
              ElementsAre(Pair("RateLimit-Limit", "3000"), Pair("RateLimit-Remaining", "2999"),
                          Pair("RateLimit-Reset", "1900000001"), Pair("RateLimit-Policy", "3000;w=300")));
  report.allowed = false;
  report.retry_after = absl::Milliseconds(1001);
  EXPECT_THAT(RateHeaders(report), ::testing::Contains(Pair("Retry-After", "2")));
}

}  // namespace
}  // namespace tokens::xrpc
