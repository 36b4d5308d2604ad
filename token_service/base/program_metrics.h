#ifndef TOKEN_SERVICE_BASE_PROGRAM_METRICS_H_
#define TOKEN_SERVICE_BASE_PROGRAM_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "token_service/base/certificate_files.h"
#include "token_service/base/counter_table.h"
#include "token_service/base/mutex.h"

namespace tokens {

// What a running program reads again from disk.
enum class Reloadable { kPolicy, kCertificates, kCrl, kSessionKeys, kAuditKey };

// The metrics that both programs have, and the registry to which each adds its own (base/metric_names.h). Thread-safe.
class ProgramMetrics {
 public:
  // The policy in force.
  struct PolicyVersion {
    std::string digest;  // The first 12 hex digits of its file's SHA-256; empty without a file.
    absl::Time loaded = absl::InfinitePast();
  };

  // For a program that started at `start` and may reload `reloadable`.
  ProgramMetrics(absl::Time start, const std::vector<Reloadable>& reloadable);
  ProgramMetrics(const ProgramMetrics&) = delete;
  ProgramMetrics& operator=(const ProgramMetrics&) = delete;

  prometheus::Registry& registry() { return *registry_; }
  // For MetricsListener.
  std::shared_ptr<prometheus::Collectable> collectable() const { return registry_; }

  // What came of reading it again.
  void Reloaded(Reloadable what, const absl::Status& outcome);
  // The same, as a function that must not outlive this.
  std::function<void(const absl::Status& outcome)> ObserverOf(Reloadable what);

  // This policy is in force from `now` on.
  void PolicyInForce(const std::string& digest, absl::Time now);

  // For CertificateFiles, which must not outlive this.
  CertificateObserver ObserverOfCertificates();

  absl::Time start() const { return start_; }
  PolicyVersion policy() const;

 private:
  const absl::Time start_;
  const std::shared_ptr<prometheus::Registry> registry_;
  CounterTable reloads_;
  prometheus::Family<prometheus::Gauge>& certificates_;
  prometheus::Family<prometheus::Gauge>& policy_info_;
  prometheus::Family<prometheus::Gauge>& policy_loaded_;
  mutable Mutex mutex_;
  PolicyVersion policy_ ABSL_GUARDED_BY(mutex_);
  prometheus::Gauge* policy_series_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

// Seconds since 1970, as a gauge has them.
double ToTimestamp(absl::Time time);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_PROGRAM_METRICS_H_
