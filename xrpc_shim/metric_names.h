#ifndef XRPC_SHIM_METRIC_NAMES_H_
#define XRPC_SHIM_METRIC_NAMES_H_

namespace tokens::xrpc::metric {

// The metrics of xrpc_shim besides those of both programs (token_service/base/metric_names.h); docs/metrics.md says
// what each is, and a test holds the page to the program.
inline constexpr char kHttpRequests[] = "didpic_shim_http_requests_total";
inline constexpr char kHttpDuration[] = "didpic_shim_http_duration_seconds";
inline constexpr char kDidResolutions[] = "didpic_shim_did_resolutions_total";
inline constexpr char kRateLimited[] = "didpic_shim_rate_limited_total";

}  // namespace tokens::xrpc::metric

#endif  // XRPC_SHIM_METRIC_NAMES_H_
