#include "xrpc_shim/rate_gate.h"

#include <utility>

#include "xrpc_shim/client_address.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

// More clients than have any business with one shim within a window; some 200 bytes each.
constexpr size_t kAddresses = 1 << 18;
constexpr size_t kViewers = 1 << 18;

void AddHeaders(const RateReport& report, HttpResponse* response) {
  for (auto& header : RateHeaders(report)) response->headers.push_back(std::move(header));
}

absl::Status Refusal(const RateReport& report) {
  return WithHeaders(XrpcError(XrpcErrorName::kRateLimitExceeded), RateHeaders(report));
}

}  // namespace

RateGate::RateGate(RateGateOptions options, Clock& clock)
    : client_address_header_(std::move(options.client_address_header)),
      refused_(std::move(options.refused)),
      clock_(clock),
      addresses_(options.per_address, kAddresses),
      viewers_(options.per_viewer, kViewers) {}

void RateGate::SetLimits(RateLimit per_address, RateLimit per_viewer) {
  addresses_.SetLimit(per_address);
  viewers_.SetLimit(per_viewer);
}

XrpcHandler RateGate::Guard(XrpcHandler handler) {
  return [this, handler = std::move(handler)](const XrpcCall& call) { return Call(handler, call); };
}

absl::Status RateGate::AdmitViewer(const std::string& did) {
  const RateReport report = viewers_.Take(did, clock_.Now());
  if (report.allowed) return absl::OkStatus();
  refused_(RateKind::kViewer);
  return Refusal(report);
}

HttpResponse RateGate::Call(const XrpcHandler& handler, const XrpcCall& call) {
  RateReport report = addresses_.Take(ClientAddress(call.http, client_address_header_), clock_.Now());
  if (!report.allowed) {
    refused_(RateKind::kAddress);
    return ErrorResponse(Refusal(report), call.http.request_id);
  }
  HttpResponse response = handler(call);
  if (FindHeader(response.headers, "RateLimit-Limit").count > 0) return response;  // of AdmitViewer
  if (!response.log_did.empty()) {
    const RateReport viewer = viewers_.Look(response.log_did, clock_.Now());
    if (viewer.remaining < report.remaining) report = viewer;
  }
  report.allowed = true;  // This request was, also if it was the last.
  AddHeaders(report, &response);
  return response;
}

}  // namespace tokens::xrpc
