#ifndef XRPC_SHIM_VIEWER_AUTH_H_
#define XRPC_SHIM_VIEWER_AUTH_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/base/clock.h"
#include "xrpc_shim/http_message.h"
#include "xrpc_shim/oauth_viewer.h"
#include "xrpc_shim/rate_gate.h"
#include "xrpc_shim/service_jwt.h"
#include "xrpc_shim/viewer.h"

namespace tokens::xrpc {

// Who is calling: the one place that decides it. Thread-safe; blocks while a DID document or an issuer's keys are
// fetched.
class ViewerAuth {
 public:
  // `clock` and `rates` must outlive this.
  ViewerAuth(ServiceJwtVerifier verifier, OauthViewerAuth oauth, Clock& clock, RateGate& rates)
      : verifier_(std::move(verifier)), oauth_(std::move(oauth)), clock_(clock), rates_(rates) {}

  // The viewer who calls `nsid`, by "Authorization: DPoP" (an OAuth access token) or "Bearer" (a service JWT). A proof
  // may be presented again until the caller has spent its single_use_id.
  // AuthMissing, InsufficientScope for a widget token (it reads; it never mints, lists or revokes others), otherwise
  // the errors of OauthViewerAuth or ServiceJwtVerifier, and RateLimitExceeded if the viewer has made too many
  // requests. A bound access token as Bearer is BadJwtType.
  absl::StatusOr<Viewer> Authenticate(const HttpRequest& request, absl::string_view nsid) const;

 private:
  absl::StatusOr<Viewer> Identify(const HttpRequest& request, absl::string_view nsid) const;

  const ServiceJwtVerifier verifier_;
  const OauthViewerAuth oauth_;
  Clock& clock_;
  RateGate& rates_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_VIEWER_AUTH_H_
