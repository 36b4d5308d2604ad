#ifndef XRPC_SHIM_RATE_GATE_H_
#define XRPC_SHIM_RATE_GATE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "token_service/base/clock.h"
#include "xrpc_shim/rate_limiter.h"
#include "xrpc_shim/router.h"

namespace tokens::xrpc {

// Which limit a request was over.
enum class RateKind { kAddress, kViewer };

struct RateGateOptions {
  RateLimit per_address;
  RateLimit per_viewer;
  std::string client_address_header;  // See ClientAddress; empty for none.
  // Told of each refusal, on the request's thread. Must not block.
  std::function<void(RateKind)> refused = [](RateKind) {};
};

// How many requests a client address and a viewer may make. An address is counted before anything else is done for it,
// a viewer once he is known to be who he says. Every answer tells by RateHeaders what is left, of the limit that has
// least left; a refused one is 429 RateLimitExceeded. Each process counts by itself. Thread-safe.
class RateGate {
 public:
  // `clock` must outlive this.
  RateGate(RateGateOptions options, Clock& clock);

  // From now on these limits; who is under one that changed starts anew.
  void SetLimits(RateLimit per_address, RateLimit per_viewer);

  // `handler` behind this gate, which must outlive the result.
  XrpcHandler Guard(XrpcHandler handler);

  // Counts one request of `did`. RateLimitExceeded if there are too many.
  absl::Status AdmitViewer(const std::string& did);

 private:
  HttpResponse Call(const XrpcHandler& handler, const XrpcCall& call);

  const std::string client_address_header_;
  const std::function<void(RateKind)> refused_;
  Clock& clock_;
  RateLimiter addresses_;
  RateLimiter viewers_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_RATE_GATE_H_
