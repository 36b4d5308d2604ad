#include "xrpc_shim/session_credential.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "xrpc_shim/bearer_token.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

absl::Status Refuse(absl::string_view message) { return XrpcError(XrpcErrorName::kSessionTokenInvalid, message); }

}  // namespace

absl::StatusOr<SessionCredential> ReadSessionCredential(const HttpRequest& request, const DpopVerifier& proofs,
                                                        absl::Time now) {
  const HeaderLookup field = FindHeader(request.headers, "authorization");
  if (field.count == 0) return XrpcError(XrpcErrorName::kAuthMissing);
  const std::vector<absl::string_view> words = absl::StrSplit(field.value, ' ');
  if (field.count > 1 || words.size() != 2) return Refuse("Malformed authorization header");
  const absl::string_view scheme = words[0];
  if (absl::EqualsIgnoreCase(scheme, "Basic")) return XrpcError(XrpcErrorName::kAuthMissing);
  const bool uses_dpop = absl::EqualsIgnoreCase(scheme, "DPoP");
  // The scheme is not quoted: it may be a token in the wrong place.
  if (!uses_dpop && !absl::EqualsIgnoreCase(scheme, "Bearer")) return Refuse("Unsupported authorization type");
  if (!IsTokenText(words[1])) return XrpcError(XrpcErrorName::kSessionTokenInvalid);
  SessionCredential credential{std::string(words[1]), ""};
  if (!uses_dpop) return credential;
  absl::StatusOr<DpopProof> proof = proofs.Verify(request, credential.jwt, now);
  if (!proof.ok()) return proof.status();
  credential.dpop_jkt = std::move(proof->thumbprint);
  return credential;
}

}  // namespace tokens::xrpc
