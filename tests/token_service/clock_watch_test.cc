#include "token_service/clock_watch.h"

#include <gtest/gtest.h>

namespace tokens {
namespace {

const absl::Time kWall = absl::FromUnixSeconds(1'900'000'000);
constexpr absl::Duration kStart = absl::Hours(5);  // the steady clock's zero means nothing

TEST(ClockWatchTest, AClockIsTrustedAfterAnHourInStep) {
  ClockWatch watch;
  EXPECT_FALSE(watch.Observe(kWall, kStart));
  EXPECT_FALSE(watch.Observe(kWall + absl::Minutes(59), kStart + absl::Minutes(59)));
  EXPECT_TRUE(watch.Observe(kWall + absl::Minutes(60), kStart + absl::Minutes(60)));
  EXPECT_TRUE(watch.Observe(kWall + absl::Minutes(61), kStart + absl::Minutes(61)));
}

TEST(ClockWatchTest, SlewingIsNoJump) {
  ClockWatch watch;
  watch.Observe(kWall, kStart);
  EXPECT_TRUE(watch.Observe(kWall + absl::Minutes(60) + absl::Seconds(59), kStart + absl::Minutes(60)));
}

TEST(ClockWatchTest, AJumpEitherWayBeginsTheHourAnew) {
  for (const absl::Duration jump : {absl::Hours(24 * 365 * 10), -absl::Hours(2)}) {
    ClockWatch watch;
    watch.Observe(kWall, kStart);
    ASSERT_TRUE(watch.Observe(kWall + absl::Hours(1), kStart + absl::Hours(1)));
    EXPECT_FALSE(watch.Observe(kWall + absl::Hours(1) + jump, kStart + absl::Hours(1)));
    EXPECT_FALSE(watch.Observe(kWall + absl::Minutes(119) + jump, kStart + absl::Minutes(119)));
    EXPECT_FALSE(watch.Observe(kWall + absl::Minutes(120), kStart + absl::Minutes(120)))
        << "put right again: one more jump";
    EXPECT_TRUE(watch.Observe(kWall + absl::Minutes(180), kStart + absl::Minutes(180)));
  }
}

}  // namespace
}  // namespace tokens
