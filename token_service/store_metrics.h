#ifndef TOKEN_SERVICE_STORE_METRICS_H_
#define TOKEN_SERVICE_STORE_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/store_stats.h"
#include "token_service/base/counter_table.h"

namespace tokens {

// What is counted of the store as it works. Thread-safe.
class StoreMetrics {
 public:
  // Adds its metrics to `registry`, which must outlive it and get them once.
  explicit StoreMetrics(prometheus::Registry& registry);
  StoreMetrics(const StoreMetrics&) = delete;
  StoreMetrics& operator=(const StoreMetrics&) = delete;

  // A call failed. Codes that the store's contract does not know are counted as UNAVAILABLE.
  void Failed(absl::StatusCode code);
  // The log was synced.
  void Synced(absl::Duration took) { syncs_.Observe(absl::ToDoubleSeconds(took)); }

 private:
  CounterTable errors_;
  prometheus::Histogram& syncs_;
};

// What is read of the store when it is asked for. `store` must outlive it.
std::shared_ptr<prometheus::Collectable> MakeStoreCollectable(storage::StatsSource& store);

}  // namespace tokens

#endif  // TOKEN_SERVICE_STORE_METRICS_H_
