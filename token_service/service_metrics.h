#ifndef TOKEN_SERVICE_SERVICE_METRICS_H_
#define TOKEN_SERVICE_SERVICE_METRICS_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/open_token_store.h"
#include "token_service/base/metrics_listener.h"
#include "token_service/base/mutex.h"
#include "token_service/base/program_metrics.h"
#include "token_service/rpc_metrics.h"
#include "token_service/store_metrics.h"

namespace tokens {

// All metrics of token_service (metric_names.h). Make it before what is measured, which must not outlive it.
// Thread-safe.
class ServiceMetrics {
 public:
  // For a process that started at `start` with the policy of this digest.
  ServiceMetrics(absl::Time start, const std::string& policy_digest);

  ProgramMetrics& program() { return program_; }
  const ProgramMetrics& program() const { return program_; }

  // Has a store that is opened with `options` tell its failures and syncs.
  void Observe(storage::StoreOptions* options);

  // What is counted of RPCs. Once.
  RpcMetrics ForCalls() { return RpcMetrics(program_.registry()); }

  // A backup that was begun at `at` is good.
  void BackupSucceeded(absl::Time at);
  // Nothing until there was one.
  std::optional<absl::Time> last_backup() const;

  // Serves all of this and the stats of `store`, which must outlive the listener. As MetricsListener::Start.
  absl::StatusOr<std::unique_ptr<MetricsListener>> Serve(const std::string& address, storage::StatsSource& store) const;

 private:
  ProgramMetrics program_;
  StoreMetrics store_;
  prometheus::Family<prometheus::Gauge>& backups_;
  mutable Mutex mutex_;
  std::optional<absl::Time> last_backup_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_SERVICE_METRICS_H_
