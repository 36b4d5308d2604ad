#ifndef TOKEN_SERVICE_IDENTITY_HTTPS_FETCHER_H_
#define TOKEN_SERVICE_IDENTITY_HTTPS_FETCHER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/mutex.h"
#include "token_service/identity/fetch_gate.h"
#include "token_service/identity/host_lookup.h"

namespace tokens {

// One answer with a status outside 3xx.
struct HttpReply {
  int http_status = 0;
  std::string content_type;  // As sent; empty if absent.
  std::string body;
};

struct HttpsFetcherOptions {
  absl::Duration timeout = absl::Seconds(3);          // Of everything: name look-up, connecting, the last byte.
  absl::Duration connect_timeout = absl::Seconds(2);  // Of TCP and TLS.
  size_t max_body_bytes = 64 * 1024;
  size_t max_header_bytes = 16 * 1024;  // All header fields together, trailers included.
  int max_fetches = 64;                 // Under way at a time; more are turned away.
  int max_fetches_per_host = 4;
  std::string ca_file;  // PEM, trusted instead of the system's authorities. Empty: the system's.
  // Development: takes http URLs and connects to loopback addresses (never to other private ones).
  bool allow_insecure = false;
  // "HOST:PORT:CONNECT-HOST:CONNECT-PORT": asks the second pair while talking to the first. Needs allow_insecure.
  std::vector<std::string> connect_to;
};

// Fetches small public documents from hosts that strangers choose. Speaks HTTP/1.1 over TLS 1.2 or newer with verified
// certificates; follows no redirects; sends no credentials and keeps no cookies; takes no proxy from the environment.
// Connects to global unicast addresses only (address_guard.h); the rule is applied to the very address dialled, so a
// name that changes its address in between gains nothing. Thread-safe.
class HttpsFetcher {
 public:
  // INVALID_ARGUMENT if the options contradict each other.
  static absl::StatusOr<std::unique_ptr<HttpsFetcher>> Create(HttpsFetcherOptions options, AskResolver ask_resolver);
  ~HttpsFetcher();

  // INVALID_ARGUMENT if `url` is not absolute, holds credentials or is of a scheme not allowed.
  absl::Status CheckUrl(const std::string& url) const;

  // GETs `url`, blocking for at most the timeout. An HTTP error status is a reply, not an error.
  // INVALID_ARGUMENT: as CheckUrl.
  // NOT_FOUND: the host name does not exist.
  // PERMISSION_DENIED: the host has no address but forbidden ones.
  // UNAVAILABLE: network, TLS, a redirect, a reply too big, or too many fetches under way.
  // DEADLINE_EXCEEDED: too slow.
  absl::StatusOr<HttpReply> Get(const std::string& url, const std::string& accept);

 private:
  struct Target;
  struct Transfer;
  struct CurlCloser {
    void operator()(void* handle) const;
  };
  using CurlHandle = std::unique_ptr<void, CurlCloser>;

  HttpsFetcher(HttpsFetcherOptions options, AskResolver ask_resolver);
  absl::StatusOr<Target> ParseTarget(const std::string& url) const;
  absl::StatusOr<HttpReply> Perform(const Target& target, const std::string& accept, absl::Duration timeout);
  CurlHandle TakeHandle();
  void KeepHandle(CurlHandle handle);

  const HttpsFetcherOptions options_;
  FetchGate gate_;
  HostLookup lookup_;
  Mutex mutex_;
  // A handle keeps its last connection and the parsed CA file, which together cost more than a fetch.
  std::vector<CurlHandle> idle_ ABSL_GUARDED_BY(mutex_);
};

// HttpsFetcher::Get, as a value.
using GetUrl = std::function<absl::StatusOr<HttpReply>(const std::string& url, const std::string& accept)>;

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_HTTPS_FETCHER_H_
