#ifndef XRPC_SHIM_SHIM_METRICS_H_
#define XRPC_SHIM_SHIM_METRICS_H_

#include <prometheus/histogram.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/counter_table.h"
#include "token_service/base/metrics_listener.h"
#include "token_service/base/program_metrics.h"
#include "token_service/identity/did_resolver.h"
#include "xrpc_shim/http_server.h"
#include "xrpc_shim/rate_gate.h"

namespace tokens::xrpc {

// All metrics of xrpc_shim (metric_names.h). Make it before what is measured, which must not outlive it. Thread-safe.
class ShimMetrics {
 public:
  // For a process that started at `start` with the policy of this digest.
  ShimMetrics(absl::Time start, const std::string& policy_digest);

  ProgramMetrics& program() { return program_; }

  // The same options, with which it is told here what is counted.
  HttpServerOptions Observed(HttpServerOptions options);
  DidResolverOptions Observed(DidResolverOptions options);
  RateGateOptions Observed(RateGateOptions options);

  // As MetricsListener::Start.
  absl::StatusOr<std::unique_ptr<MetricsListener>> Serve(const std::string& address) const;

 private:
  void Answered(const HttpRequest& request, const HttpResponse& response, absl::Duration took);

  ProgramMetrics program_;
  CounterTable requests_;
  std::vector<prometheus::Histogram*> durations_;  // By method.
  CounterTable resolutions_;
  CounterTable rate_limited_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SHIM_METRICS_H_
