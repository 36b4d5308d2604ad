#include "xrpc_shim/oauth_viewer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

// The field's value, taken apart at its first space.
struct Authorization {
  absl::string_view scheme;
  absl::string_view credential;
};

Authorization Split(absl::string_view value) {
  const size_t space = value.find(' ');
  if (space == absl::string_view::npos) return {value, ""};
  return {value.substr(0, space), absl::StripAsciiWhitespace(value.substr(space))};
}

}  // namespace

bool UsesDpopScheme(const HttpRequest& request) {
  return absl::EqualsIgnoreCase(Split(FindHeader(request.headers, "authorization").value).scheme, "DPoP");
}

absl::StatusOr<Viewer> OauthViewerAuth::Authenticate(const HttpRequest& request, absl::string_view nsid,
                                                     absl::Time now) const {
  const HeaderLookup field = FindHeader(request.headers, "authorization");
  const absl::string_view token = Split(field.value).credential;
  if (field.count != 1 || token.empty() || absl::StrContains(token, ' ')) {
    return XrpcError(XrpcErrorName::kOauthTokenInvalid, "malformed Authorization field");
  }
  const absl::StatusOr<DpopProof> proof = proofs_.Verify(request, token, now);
  if (!proof.ok()) return proof.status();
  absl::StatusOr<OauthToken> verified = tokens_.Verify(token, proof->thumbprint, nsid, now);
  if (!verified.ok()) return verified.status();
  return Viewer{std::move(verified->did), std::move(verified->client_id), proof->single_use_id, proof->expire_time,
                XrpcErrorName::kDpopProofReplayed};
}

}  // namespace tokens::xrpc
