#include "xrpc_shim/viewer_auth.h"

#include "xrpc_shim/bearer_token.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {

absl::StatusOr<ServiceJwt> ViewerAuth::Authenticate(const HttpRequest& request, absl::string_view nsid) const {
  const absl::StatusOr<BearerToken> token = ReadBearerToken(request);
  if (!token.ok()) return token.status();
  if (token->kind == BearerToken::Kind::kWidgetToken) return XrpcError(XrpcErrorName::kInsufficientScope);
  absl::StatusOr<ServiceJwt> viewer = verifier_.Verify(token->text, nsid, clock_.Now());
  if (!viewer.ok()) return viewer;
  if (absl::Status admitted = rates_.AdmitViewer(viewer->did); !admitted.ok()) return admitted;
  return viewer;
}

}  // namespace tokens::xrpc
