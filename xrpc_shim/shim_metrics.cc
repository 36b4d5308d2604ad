#include "xrpc_shim/shim_metrics.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "token_service/base/own_methods.h"
#include "xrpc_shim/metric_names.h"
#include "xrpc_shim/session_handlers.h"

namespace tokens::xrpc {
namespace {

// What is served, and last what is not.
constexpr const char* kMethods[] = {kMintWidgetToken, kListWidgetTokens, kRevokeWidgetToken, kRevokeAllWidgetTokens,
                                    kRefreshSession,  kGetSession,       kDeleteSession,     "other"};
constexpr size_t kOther = std::size(kMethods) - 1;
constexpr int kLowestStatus = 100;
constexpr size_t kStatuses = 500;
constexpr const char* kOutcomes[] = {"fresh", "stale", "fetched", "absent", "failed"};  // DidOutcome
constexpr const char* kKinds[] = {"address", "viewer"};                                 // RateKind

// A request waits for one or two RPCs, for a DID document 3 seconds, for an answer 15 seconds at most.
const prometheus::Histogram::BucketBoundaries& DurationBuckets() {
  static const auto* buckets = new prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                                           0.25,  0.5,    1,     2.5,  5,     10,   15};
  return *buckets;
}

// The authority of an NSID is a domain name, the last segment is not (as in router.h).
bool IsSameNsid(absl::string_view given, absl::string_view registered) {
  const size_t name = registered.rfind('.');
  return given.size() == registered.size() && given.substr(name) == registered.substr(name) &&
         absl::EqualsIgnoreCase(given.substr(0, name), registered.substr(0, name));
}

// What a request is counted under: the method that it calls, in whatever case, or kOther.
size_t MethodIndex(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, "/xrpc/")) return kOther;
  absl::ConsumeSuffix(&path, "/");
  for (size_t i = 0; i < kOther; ++i) {
    if (IsSameNsid(path, kMethods[i])) return i;
  }
  return kOther;
}

prometheus::Labels RequestLabels(size_t index) {
  return {{"method", kMethods[index / kStatuses]},
          {"status", absl::StrCat(index % kStatuses + static_cast<size_t>(kLowestStatus))}};
}

prometheus::Family<prometheus::Counter>& MakeCounter(prometheus::Registry& registry, const char* name,
                                                     const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

ShimMetrics::ShimMetrics(absl::Time start, const std::string& policy_digest)
    : program_(start, {Reloadable::kPolicy, Reloadable::kCertificates}),
      requests_(MakeCounter(program_.registry(), metric::kHttpRequests, "Answered HTTP requests"),
                std::size(kMethods) * kStatuses, RequestLabels),
      resolutions_(MakeCounter(program_.registry(), metric::kDidResolutions, "Questions for a DID document"),
                   std::size(kOutcomes),
                   [](size_t index) {
                     return prometheus::Labels{{"outcome", kOutcomes[index]}};
                   }),
      rate_limited_(MakeCounter(program_.registry(), metric::kRateLimited, "Requests refused for their rate"),
                    std::size(kKinds), [](size_t index) {
                      return prometheus::Labels{{"kind", kKinds[index]}};
                    }) {
  program_.PolicyInForce(policy_digest, start);
  auto& durations = prometheus::BuildHistogram()
                        .Name(metric::kHttpDuration)
                        .Help("From the first byte of a request to its answer, in seconds")
                        .Register(program_.registry());
  for (const char* method : kMethods) durations_.push_back(&durations.Add({{"method", method}}, DurationBuckets()));
  for (size_t i = 0; i < kOther; ++i) requests_.At(i * kStatuses + (200 - kLowestStatus));
  for (size_t i = 0; i < std::size(kOutcomes); ++i) resolutions_.At(i);
  for (size_t i = 0; i < std::size(kKinds); ++i) rate_limited_.At(i);
}

void ShimMetrics::Answered(const HttpRequest& request, const HttpResponse& response, absl::Duration took) {
  const size_t method = MethodIndex(request.path);
  const int status = std::clamp(response.status, kLowestStatus, kLowestStatus + static_cast<int>(kStatuses) - 1);
  requests_.At(method * kStatuses + static_cast<size_t>(status - kLowestStatus)).Increment();
  durations_[method]->Observe(absl::ToDoubleSeconds(took));
}

HttpServerOptions ShimMetrics::Observed(HttpServerOptions options) {
  options.answered = [this](const HttpRequest& request, const HttpResponse& response, absl::Duration took) {
    Answered(request, response, took);
  };
  return options;
}

DidResolverOptions ShimMetrics::Observed(DidResolverOptions options) {
  options.resolved = [this](DidOutcome outcome) { resolutions_.At(static_cast<size_t>(outcome)).Increment(); };
  return options;
}

RateGateOptions ShimMetrics::Observed(RateGateOptions options) {
  options.refused = [this](RateKind kind) { rate_limited_.At(static_cast<size_t>(kind)).Increment(); };
  return options;
}

absl::StatusOr<std::unique_ptr<MetricsListener>> ShimMetrics::Serve(const std::string& address) const {
  return MetricsListener::Start(address, {program_.collectable()});
}

}  // namespace tokens::xrpc
