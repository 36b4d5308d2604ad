#include "xrpc_shim/rate_limiter.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace tokens::xrpc {
namespace {

int64_t CeilSeconds(absl::Duration duration) { return absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))); }

}  // namespace

HttpHeaders RateHeaders(const RateReport& report) {
  const int64_t window = absl::ToInt64Seconds(report.limit.window);
  HttpHeaders headers = {
      {"RateLimit-Limit", absl::StrCat(report.limit.requests)},
      {"RateLimit-Remaining", absl::StrCat(report.remaining)},
      {"RateLimit-Reset", absl::StrCat(CeilSeconds(report.reset - absl::UnixEpoch()))},
      {"RateLimit-Policy", absl::StrCat(report.limit.requests, ";w=", window)},
  };
  if (!report.allowed) headers.emplace_back("Retry-After", absl::StrCat(CeilSeconds(report.retry_after)));
  return headers;
}

RateLimiter::RateLimiter(RateLimit limit, size_t capacity) : limit_(limit), buckets_(capacity) {}

void RateLimiter::SetLimit(RateLimit limit) {
  MutexLock lock(mutex_);
  if (limit == limit_) return;
  limit_ = limit;
  buckets_.Clear();
}

RateReport RateLimiter::Take(const std::string& key, absl::Time now) {
  MutexLock lock(mutex_);
  RateBucket& bucket = BucketOf(key);
  const bool allowed = bucket.Take(now);
  return ReportOf(allowed, bucket.Left(now), now);
}

RateReport RateLimiter::Look(const std::string& key, absl::Time now) {
  MutexLock lock(mutex_);
  const double left = BucketOf(key).Left(now);
  return ReportOf(left >= 1, left, now);
}

RateBucket& RateLimiter::BucketOf(const std::string& key) {
  if (RateBucket* bucket = buckets_.Find(key)) return *bucket;
  buckets_.Put(key, RateBucket(limit_.requests / absl::ToDoubleSeconds(limit_.window), limit_.requests));
  return *buckets_.Find(key);
}

RateReport RateLimiter::ReportOf(bool allowed, double left, absl::Time now) const {
  const absl::Duration each = limit_.window / limit_.requests;
  return {allowed, limit_, static_cast<int>(std::floor(left)), now + each * (limit_.requests - left),
          each * std::max(0.0, 1 - left)};
}

}  // namespace tokens::xrpc
