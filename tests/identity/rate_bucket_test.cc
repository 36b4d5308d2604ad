#include "token_service/identity/rate_bucket.h"

#include <gtest/gtest.h>

namespace tokens {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

TEST(RateBucket, LetsTheBurstPassAndNoMore) {
  RateBucket bucket(1, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.Take(kStart));
  EXPECT_FALSE(bucket.Take(kStart));
}

TEST(RateBucket, RefillsWithTimeUpToTheBurst) {
  RateBucket bucket(2, 2);
  while (bucket.Take(kStart)) {
  }
  EXPECT_FALSE(bucket.Take(kStart + absl::Milliseconds(499)));
  EXPECT_TRUE(bucket.Take(kStart + absl::Milliseconds(500)));
  EXPECT_TRUE(bucket.Take(kStart + absl::Hours(1)));
  EXPECT_TRUE(bucket.Take(kStart + absl::Hours(1)));
  EXPECT_FALSE(bucket.Take(kStart + absl::Hours(1)));
}

TEST(RateBucket, RefillsAgainAfterTheClockWasSetBack) {
  RateBucket bucket(1, 1);
  EXPECT_TRUE(bucket.Take(kStart));
  EXPECT_FALSE(bucket.Take(kStart - absl::Hours(1)));
  EXPECT_TRUE(bucket.Take(kStart - absl::Hours(1) + absl::Seconds(1)));
}

}  // namespace
}  // namespace tokens
