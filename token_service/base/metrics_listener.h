#ifndef TOKEN_SERVICE_BASE_METRICS_LISTENER_H_
#define TOKEN_SERVICE_BASE_METRICS_LISTENER_H_

#include <prometheus/collectable.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace prometheus {
class Exposer;
}  // namespace prometheus

namespace tokens {

// Adds a fault unless `address`, of --metrics_listen, is empty or IPv4:PORT: prometheus-cpp's HTTP server, as Debian
// builds it, knows no IPv6.
void CheckMetricsAddress(absl::string_view address, std::vector<std::string>* faults);

// GET /metrics in Prometheus' text format over plain HTTP, and nothing else, on two threads of its own until destroyed,
// which takes up to 2 s.
// What is collected names no account, token or address, so nobody is asked who they are.
class MetricsListener {
 public:
  using Sources = std::vector<std::shared_ptr<prometheus::Collectable>>;

  // Listens on `address` (as CheckMetricsAddress wants it; port 0 picks a free one); empty means not at all. `sources`
  // are asked at each scrape, on a thread of the listener. UNAVAILABLE if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsListener>> Start(const std::string& address, Sources sources);

  ~MetricsListener();
  MetricsListener(const MetricsListener&) = delete;
  MetricsListener& operator=(const MetricsListener&) = delete;

  // HOST:PORT as bound; empty if it does not listen.
  const std::string& address() const { return address_; }

 private:
  explicit MetricsListener(Sources sources);

  const Sources sources_;  // Outlive exposer_, which only has weak pointers to them.
  std::string address_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_METRICS_LISTENER_H_
