#ifndef TOKEN_SERVICE_BASE_METRIC_NAMES_H_
#define TOKEN_SERVICE_BASE_METRIC_NAMES_H_

namespace tokens::metric {

// The metrics of both programs; docs/metrics.md says what each is, and a test holds the page to the programs.
inline constexpr char kBuildInfo[] = "didpic_build_info";
inline constexpr char kStartTime[] = "process_start_time_seconds";
inline constexpr char kCertificateExpiry[] = "didpic_certificate_expiry_timestamp_seconds";
inline constexpr char kReloads[] = "didpic_reloads_total";
inline constexpr char kPolicyInfo[] = "didpic_policy_info";
inline constexpr char kPolicyLoadTime[] = "didpic_policy_load_timestamp_seconds";

}  // namespace tokens::metric

#endif  // TOKEN_SERVICE_BASE_METRIC_NAMES_H_
