#include "xrpc_shim/viewer_auth.h"

#include <utility>

#include "xrpc_shim/bearer_token.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {

absl::StatusOr<Viewer> ViewerAuth::Identify(const HttpRequest& request, absl::string_view nsid) const {
  const absl::Time now = clock_.Now();
  if (UsesDpopScheme(request)) return oauth_.Authenticate(request, nsid, now);
  const absl::StatusOr<BearerToken> token = ReadBearerToken(request);
  if (!token.ok()) return token.status();
  if (token->kind == BearerToken::Kind::kWidgetToken) return XrpcError(XrpcErrorName::kInsufficientScope);
  absl::StatusOr<ServiceJwt> jwt = verifier_.Verify(token->text, nsid, now);
  if (!jwt.ok()) return jwt.status();
  return Viewer{std::move(jwt->did), "", std::move(jwt->single_use_id), jwt->expire_time, XrpcErrorName::kJwtReplayed};
}

absl::StatusOr<Viewer> ViewerAuth::Authenticate(const HttpRequest& request, absl::string_view nsid) const {
  absl::StatusOr<Viewer> viewer = Identify(request, nsid);
  if (!viewer.ok()) return viewer;
  if (absl::Status admitted = rates_.AdmitViewer(viewer->did); !admitted.ok()) return admitted;
  return viewer;
}

}  // namespace tokens::xrpc
