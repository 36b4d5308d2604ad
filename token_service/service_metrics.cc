#include "token_service/service_metrics.h"

#include "token_service/metric_names.h"

namespace tokens {

ServiceMetrics::ServiceMetrics(absl::Time start, const std::string& policy_digest)
    : program_(start, {Reloadable::kPolicy, Reloadable::kCertificates, Reloadable::kCrl, Reloadable::kSessionKeys,
                       Reloadable::kAuditKey}),
      store_(program_.registry()),
      backups_(prometheus::BuildGauge()
                   .Name(metric::kBackupLastSuccess)
                   .Help("When the last good backup was begun, in UNIX time")
                   .Register(program_.registry())) {
  program_.PolicyInForce(policy_digest, start);
}

void ServiceMetrics::Observe(storage::StoreOptions* options) {
  options->synced = [this](absl::Duration took) { store_.Synced(took); };
  options->failed = [this](absl::StatusCode code) { store_.Failed(code); };
}

void ServiceMetrics::BackupSucceeded(absl::Time at) {
  backups_.Add({}).Set(ToTimestamp(at));
  MutexLock lock(mutex_);
  last_backup_ = at;
}

std::optional<absl::Time> ServiceMetrics::last_backup() const {
  MutexLock lock(mutex_);
  return last_backup_;
}

absl::StatusOr<std::unique_ptr<MetricsListener>> ServiceMetrics::Serve(const std::string& address,
                                                                       storage::StatsSource& store) const {
  return MetricsListener::Start(address, {program_.collectable(), MakeStoreCollectable(store)});
}

}  // namespace tokens
