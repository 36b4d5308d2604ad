#include "token_service/store_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/metric_family.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "token_service/metric_names.h"

namespace tokens {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr absl::StatusCode kErrors[] = {absl::StatusCode::kUnavailable, absl::StatusCode::kDataLoss,
                                        absl::StatusCode::kResourceExhausted};

// A sync takes 0.2 ms on a good disk, and seconds on one in trouble.
const prometheus::Histogram::BucketBoundaries& SyncBuckets() {
  static const auto* buckets = new prometheus::Histogram::BucketBoundaries{
      0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  return *buckets;
}

MetricFamily Gauge(const char* name, const char* help, uint64_t value) {
  MetricFamily family{name, help, MetricType::Gauge, {{}}};
  family.metric.front().gauge.value = static_cast<double>(value);
  return family;
}

MetricFamily Counter(const char* name, const char* help, uint64_t value) {
  MetricFamily family{name, help, MetricType::Counter, {{}}};
  family.metric.front().counter.value = static_cast<double>(value);
  return family;
}

class StoreCollectable final : public prometheus::Collectable {
 public:
  explicit StoreCollectable(storage::StatsSource& store) : store_(store) {}

  std::vector<MetricFamily> Collect() const override {
    const storage::StoreStats stats = store_.ReadStats();
    std::vector<MetricFamily> families;
    families.push_back(
        Gauge(metric::kLiveTokens, "Tokens neither expired nor revoked; an estimate", stats.live_tokens));
    if (!stats.disk.has_value()) return families;
    const storage::DiskStats& disk = *stats.disk;
    if (disk.size.has_value()) families.push_back(Gauge(metric::kStoreSize, "Files of the store", *disk.size));
    if (disk.free_space.has_value()) {
      families.push_back(Gauge(metric::kStoreFree, "Free space of the store's file system", *disk.free_space));
    }
    families.push_back(
        Gauge(metric::kStoreFreeReserve, "Free space below which writes are refused", disk.free_space_reserve));
    families.push_back(Counter(metric::kStoreCacheHits, "Blocks found in the cache", disk.cache_hits));
    families.push_back(Counter(metric::kStoreCacheMisses, "Blocks that had to be read", disk.cache_misses));
    families.push_back(
        Gauge(metric::kStoreCompactionPending, "What compaction is behind by; an estimate", disk.compaction_pending));
    return families;
  }

 private:
  storage::StatsSource& store_;
};

}  // namespace

StoreMetrics::StoreMetrics(prometheus::Registry& registry)
    : errors_(prometheus::BuildCounter()
                  .Name(metric::kStoreErrors)
                  .Help("Calls of the store that failed")
                  .Register(registry),
              std::size(kErrors),
              [](size_t index) {
                return prometheus::Labels{{"code", absl::StatusCodeToString(kErrors[index])}};
              }),
      syncs_(prometheus::BuildHistogram()
                 .Name(metric::kStoreWalSync)
                 .Help("One synced write of the log, in seconds")
                 .Register(registry)
                 .Add({}, SyncBuckets())) {
  for (size_t index = 0; index < std::size(kErrors); ++index) errors_.At(index);
}

void StoreMetrics::Failed(absl::StatusCode code) {
  const auto* found = std::find(std::begin(kErrors), std::end(kErrors), code);
  errors_.At(found == std::end(kErrors) ? 0 : static_cast<size_t>(found - kErrors)).Increment();
}

std::shared_ptr<prometheus::Collectable> MakeStoreCollectable(storage::StatsSource& store) {
  return std::make_shared<StoreCollectable>(store);
}

}  // namespace tokens
