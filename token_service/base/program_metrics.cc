#include "token_service/base/program_metrics.h"

#include "token_service/base/metric_names.h"

namespace tokens {
namespace {

constexpr size_t kReloadables = 5;

const char* Name(size_t reloadable) {
  switch (static_cast<Reloadable>(reloadable)) {
    case Reloadable::kPolicy: return "policy";
    case Reloadable::kCertificates: return "certificates";
    case Reloadable::kCrl: return "crl";
    case Reloadable::kSessionKeys: return "session_keys";
    case Reloadable::kAuditKey: return "audit_key";
  }
  return "";
}

size_t Index(Reloadable what, bool accepted) { return static_cast<size_t>(what) * 2 + (accepted ? 1 : 0); }

prometheus::Labels ReloadLabels(size_t index) {
  return {{"what", Name(index / 2)}, {"outcome", index % 2 == 1 ? "accepted" : "rejected"}};
}

prometheus::Family<prometheus::Gauge>& MakeGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

double ToTimestamp(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

ProgramMetrics::ProgramMetrics(absl::Time start, const std::vector<Reloadable>& reloadable)
    : start_(start),
      registry_(std::make_shared<prometheus::Registry>()),
      reloads_(prometheus::BuildCounter()
                   .Name(metric::kReloads)
                   .Help("Files read again while the program runs; what is rejected changes nothing")
                   .Register(*registry_),
               kReloadables * 2, ReloadLabels),
      certificates_(MakeGauge(*registry_, metric::kCertificateExpiry, "When a certificate in use ends, in UNIX time")),
      policy_info_(MakeGauge(*registry_, metric::kPolicyInfo, "The policy in force, by the digest of its file")),
      policy_loaded_(MakeGauge(*registry_, metric::kPolicyLoadTime, "Since when it is in force, in UNIX time")) {
  MakeGauge(*registry_, metric::kBuildInfo, "The program that runs").Add({{"version", TOKENS_VERSION}}).Set(1);
  MakeGauge(*registry_, metric::kStartTime, "When the program started, in UNIX time").Add({}).Set(ToTimestamp(start));
  // From the start, for the increase of a counter that was not there before shows nowhere.
  for (const Reloadable what : reloadable) {
    reloads_.At(Index(what, true));
    reloads_.At(Index(what, false));
  }
}

void ProgramMetrics::Reloaded(Reloadable what, const absl::Status& outcome) {
  reloads_.At(Index(what, outcome.ok())).Increment();
}

std::function<void(const absl::Status& outcome)> ProgramMetrics::ObserverOf(Reloadable what) {
  return [this, what](const absl::Status& outcome) { Reloaded(what, outcome); };
}

void ProgramMetrics::PolicyInForce(const std::string& digest, absl::Time now) {
  MutexLock lock(mutex_);
  if (policy_series_ != nullptr) policy_info_.Remove(policy_series_);
  policy_series_ = digest.empty() ? nullptr : &policy_info_.Add({{"digest", digest}}, 1);
  policy_loaded_.Add({}).Set(ToTimestamp(now));
  policy_ = {digest, now};
}

CertificateObserver ProgramMetrics::ObserverOfCertificates() {
  const auto in_use = [this](const std::string& which, absl::Time end) {
    certificates_.Add({{"certificate", which}}).Set(ToTimestamp(end));
  };
  return {in_use, ObserverOf(Reloadable::kCertificates)};
}

ProgramMetrics::PolicyVersion ProgramMetrics::policy() const {
  MutexLock lock(mutex_);
  return policy_;
}

}  // namespace tokens
