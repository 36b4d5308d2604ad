#include "token_service/clock_watch.h"

namespace tokens {
namespace {

constexpr absl::Duration kSettlingTime = absl::Hours(1);
constexpr absl::Duration kTolerance = absl::Minutes(1);  // what slewing may add up to, and far less than a retention

}  // namespace

bool ClockWatch::Observe(absl::Time wall, absl::Duration steady) {
  const bool jumped = settled_since_.has_value() &&
                      absl::AbsDuration((wall - settled_since_->wall) - (steady - settled_since_->steady)) > kTolerance;
  if (!settled_since_.has_value() || jumped) settled_since_ = Reading{wall, steady};
  return steady - settled_since_->steady >= kSettlingTime;
}

}  // namespace tokens
