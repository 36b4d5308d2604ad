#ifndef XRPC_SHIM_VIEWER_AUTH_H_
#define XRPC_SHIM_VIEWER_AUTH_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/base/clock.h"
#include "xrpc_shim/http_message.h"
#include "xrpc_shim/rate_gate.h"
#include "xrpc_shim/service_jwt.h"

namespace tokens::xrpc {

// Who is calling: the one place that decides it. Thread-safe; blocks while a DID document is fetched.
class ViewerAuth {
 public:
  // `clock` and `rates` must outlive this.
  ViewerAuth(ServiceJwtVerifier verifier, Clock& clock, RateGate& rates)
      : verifier_(std::move(verifier)), clock_(clock), rates_(rates) {}

  // The viewer who calls `nsid`. A JWT may be presented again until the caller has spent its single_use_id.
  // AuthMissing, InsufficientScope for a widget token (it reads; it never mints, lists or revokes others), otherwise
  // the errors of ServiceJwtVerifier; RateLimitExceeded if the viewer has made too many requests.
  absl::StatusOr<ServiceJwt> Authenticate(const HttpRequest& request, absl::string_view nsid) const;

 private:
  const ServiceJwtVerifier verifier_;
  Clock& clock_;
  RateGate& rates_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_VIEWER_AUTH_H_
