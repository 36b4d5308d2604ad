#include "token_service/base/metrics_listener.h"

#include <CivetServer.h>
#include <arpa/inet.h>
#include <prometheus/exposer.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tokens {
namespace {

constexpr char kPath[] = "/metrics";
constexpr char kThreads[] = "2";
constexpr char kRequestTimeoutMs[] = "5000";  // a client that says nothing holds a thread no longer

// Asked before the handlers: 0 lets them answer. By itself the server would take /metrics/ANYTHING and look for files.
int RefuseAllButMetrics(mg_connection* connection) {
  const mg_request_info* request = mg_get_request_info(connection);
  if (absl::string_view(request->local_uri) != kPath) {
    mg_send_http_error(connection, 404, "%s", "only /metrics is here");
    return 1;
  }
  if (absl::string_view(request->request_method) != "GET") {
    mg_send_http_error(connection, 405, "%s", "only GET is known");
    return 1;
  }
  return 0;
}

bool IsIpv4AndPort(absl::string_view address) {
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  in_addr parsed = {};
  return colon != absl::string_view::npos && absl::SimpleAtoi(address.substr(colon + 1), &port) && port <= 65535 &&
         inet_pton(AF_INET, std::string(address.substr(0, colon)).c_str(), &parsed) == 1;
}

}  // namespace

void CheckMetricsAddress(absl::string_view address, std::vector<std::string>* faults) {
  if (!address.empty() && !IsIpv4AndPort(address)) faults->emplace_back("--metrics_listen: must be IPv4:PORT");
}

MetricsListener::MetricsListener(Sources sources) : sources_(std::move(sources)) {}
MetricsListener::~MetricsListener() = default;

absl::StatusOr<std::unique_ptr<MetricsListener>> MetricsListener::Start(const std::string& address, Sources sources) {
  std::unique_ptr<MetricsListener> listener(new MetricsListener(std::move(sources)));
  if (address.empty()) return listener;
  CivetCallbacks callbacks;
  callbacks.begin_request = RefuseAllButMetrics;
  try {
    listener->exposer_ = std::make_unique<prometheus::Exposer>(
        std::vector<std::string>{"listening_ports", address, "num_threads", kThreads, "request_timeout_ms",
                                 kRequestTimeoutMs},
        &callbacks);
    for (const auto& source : listener->sources_) listener->exposer_->RegisterCollectable(source, kPath);
  } catch (const std::exception&) {  // it does not say why
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  }
  const std::vector<int> ports = listener->exposer_->GetListeningPorts();
  if (ports.empty()) return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  listener->address_ = absl::StrCat(address.substr(0, address.rfind(':')), ":", ports.front());
  return listener;
}

}  // namespace tokens
