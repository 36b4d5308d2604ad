#include "token_service/rpc_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <iterator>
#include <vector>

#include "absl/strings/ascii.h"
#include "token_service/base/counter_table.h"
#include "token_service/metric_names.h"
#include "token_service/proto_convert.h"
#include "token_service/rpc_access.h"

namespace tokens {
namespace {

constexpr size_t kCodes = 17;                           // absl::StatusCode, which has gRPC's numbers.
constexpr size_t kRoles = std::size(kCallerRoles) + 1;  // The last: none, the call was refused.
constexpr char kOther[] = "other";

// A Validate takes some tens of microseconds, a write a sync of the disk, a diagnosis up to 15 seconds.
const prometheus::Histogram::BucketBoundaries& DurationBuckets() {
  static const auto* buckets = new prometheus::Histogram::BucketBoundaries{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15};
  return *buckets;
}

// The number of the method's row; one more than the last for a method without.
size_t MethodIndex(absl::string_view method) {
  const RpcAccess* row = FindRpcAccess(method);
  return row == nullptr ? RpcAccessTable().size() : static_cast<size_t>(row - RpcAccessTable().data());
}

std::string MethodName(size_t index) {
  return index < RpcAccessTable().size() ? std::string(RpcAccessTable()[index].method) : kOther;
}

size_t RoleIndex(absl::string_view role) {
  for (size_t i = 0; i < std::size(kCallerRoles); ++i) {
    if (CallerRoleName(kCallerRoles[i]) == role) return i;
  }
  return kRoles - 1;
}

size_t RequestIndex(size_t method, absl::StatusCode code, size_t role) {
  const size_t number = static_cast<size_t>(code);
  const size_t known = number < kCodes ? number : static_cast<size_t>(absl::StatusCode::kUnknown);
  return (method * kCodes + known) * kRoles + role;
}

prometheus::Labels RequestLabels(size_t index) {
  const size_t role = index % kRoles;
  const auto code = static_cast<absl::StatusCode>(index / kRoles % kCodes);
  return {{"method", MethodName(index / kRoles / kCodes)},
          {"code", absl::StatusCodeToString(code)},
          {"role", role + 1 < kRoles ? std::string(CallerRoleName(kCallerRoles[role])) : "none"}};
}

prometheus::Labels VerdictLabels(size_t index) {
  const absl::string_view refusal = RefusalName(static_cast<Verdict::Kind>(index));
  return {{"verdict", refusal.empty() ? "active" : absl::AsciiStrToLower(refusal)}};
}

prometheus::Family<prometheus::Counter>& MakeCounter(prometheus::Registry& registry, const char* name,
                                                     const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

struct RpcMetrics::Series {
  explicit Series(prometheus::Registry& registry)
      : requests(MakeCounter(registry, metric::kRpcRequests, "Finished RPCs"),
                 (RpcAccessTable().size() + 1) * kCodes * kRoles, RequestLabels),
        in_flight(prometheus::BuildGauge()
                      .Name(metric::kRpcInFlight)
                      .Help("RPCs being handled or waiting for their turn")
                      .Register(registry)
                      .Add({})),
        verdicts(MakeCounter(registry, metric::kVerdicts, "Tokens judged by Validate and BatchValidate"), kVerdictKinds,
                 VerdictLabels),
        minted(MakeCounter(registry, metric::kTokensMinted, "Tokens minted")),
        revoked(MakeCounter(registry, metric::kTokensRevoked, "Tokens revoked, by themselves or with their account")
                    .Add({})) {
    auto& family = prometheus::BuildHistogram()
                       .Name(metric::kRpcDuration)
                       .Help("From the arrival of an RPC to its status, in seconds")
                       .Register(registry);
    for (size_t method = 0; method <= RpcAccessTable().size(); ++method) {
      durations.push_back(&family.Add({{"method", MethodName(method)}}, DurationBuckets()));
    }
    for (size_t kind = 0; kind < kVerdictKinds; ++kind) verdicts.At(kind);
    for (const RpcAccess& row : RpcAccessTable()) {
      for (size_t role = 0; role < std::size(kCallerRoles); ++role) {
        if (row.roles.Has(kCallerRoles[role])) {
          requests.At(RequestIndex(MethodIndex(row.method), absl::StatusCode::kOk, role));
        }
      }
    }
  }

  CounterTable requests;
  prometheus::Gauge& in_flight;
  CounterTable verdicts;
  prometheus::Family<prometheus::Counter>& minted;
  prometheus::Counter& revoked;
  std::vector<prometheus::Histogram*> durations;  // By MethodIndex.
};

RpcMetrics::RpcMetrics() = default;
RpcMetrics::RpcMetrics(prometheus::Registry& registry) : series_(std::make_unique<Series>(registry)) {}
RpcMetrics::~RpcMetrics() = default;
RpcMetrics::RpcMetrics(RpcMetrics&&) noexcept = default;
RpcMetrics& RpcMetrics::operator=(RpcMetrics&&) noexcept = default;

void RpcMetrics::Began() {
  if (series_ != nullptr) series_->in_flight.Increment();
}

void RpcMetrics::Finished(const FinishedCall& call, const CallCounts& counts) {
  if (series_ == nullptr) return;
  series_->in_flight.Decrement();
  const size_t method = MethodIndex(call.method);
  series_->requests.At(RequestIndex(method, call.code, RoleIndex(call.role))).Increment();
  series_->durations[method]->Observe(absl::ToDoubleSeconds(call.duration));
  if (call.code != absl::StatusCode::kOk) return;
  for (size_t kind = 0; kind < kVerdictKinds; ++kind) {
    if (counts.verdicts[kind] > 0) series_->verdicts.At(kind).Increment(counts.verdicts[kind]);
  }
  if (!counts.minted_profile.empty()) series_->minted.Add({{"profile", counts.minted_profile}}).Increment();
  if (counts.revoked > 0) series_->revoked.Increment(counts.revoked);
}

}  // namespace tokens
