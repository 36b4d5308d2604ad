#ifndef XRPC_SHIM_OAUTH_VIEWER_H_
#define XRPC_SHIM_OAUTH_VIEWER_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "xrpc_shim/dpop_proof.h"
#include "xrpc_shim/http_message.h"
#include "xrpc_shim/oauth_token.h"
#include "xrpc_shim/viewer.h"

namespace tokens::xrpc {

// True if the request's Authorization is of the scheme DPoP (RFC 9449 §7.1), in any letter case.
bool UsesDpopScheme(const HttpRequest& request);

// Who is calling with "Authorization: DPoP …": the proof, then the token. Thread-safe; may block on an issuer.
class OauthViewerAuth {
 public:
  OauthViewerAuth(DpopVerifier proofs, OauthTokenVerifier tokens)
      : proofs_(std::move(proofs)), tokens_(std::move(tokens)) {}

  // InvalidToken if there is not exactly one Authorization field with one token; otherwise the errors of DpopVerifier,
  // then those of OauthTokenVerifier.
  absl::StatusOr<Viewer> Authenticate(const HttpRequest& request, absl::string_view nsid, absl::Time now) const;

 private:
  const DpopVerifier proofs_;
  const OauthTokenVerifier tokens_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_OAUTH_VIEWER_H_
