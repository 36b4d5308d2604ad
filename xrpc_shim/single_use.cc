#include "xrpc_shim/single_use.h"

#include "xrpc_shim/token_service_error.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

constexpr absl::Duration kSlack = absl::Minutes(5);

}  // namespace

pb::SingleUseId SingleUseIdOf(const Viewer& viewer) {
  pb::SingleUseId id;
  id.set_id(viewer.single_use_id);
  id.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(viewer.expire_time + kSlack));
  return id;
}

absl::Status SpendProof(TokenClient& tokens, const Viewer& viewer, const HttpRequest& http) {
  pb::SpendSingleUseIdRequest request;
  request.set_did(viewer.did);
  *request.mutable_single_use_id() = SingleUseIdOf(viewer);
  const absl::Status spent = tokens.SpendSingleUseId(request, {http.deadline, http.request_id, http.trace}).status();
  return spent.ok() ? spent : FromTokenService(spent, {}, viewer.if_replayed);
}

}  // namespace tokens::xrpc
