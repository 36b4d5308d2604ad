#include "token_service/token_revoker.h"

#include <optional>

#include "token_service/base/did.h"
#include "token_service/base/status_details.h"
#include "token_service/token_id.h"
#include "token_service/token_secret.h"

namespace tokens {

absl::StatusOr<int> TokenRevoker::RevokeToken(absl::string_view token) {
  const std::optional<PresentedToken> presented = ParsePresentedToken(token);
  if (!presented.has_value()) return 0;
  const absl::StatusOr<bool> revoked = store_.Revoke(presented->digest, clock_.Now());
  if (!revoked.ok()) return revoked.status();
  return *revoked ? 1 : 0;
}

absl::StatusOr<int> TokenRevoker::RevokeTokenId(absl::string_view token_id) {
  const std::optional<std::string> id = ParseTokenId(token_id);
  if (!id.has_value()) return InvalidField("token_id", "must be 32 characters of lower-case hex");
  const absl::StatusOr<storage::TokenDigest> digest = store_.FindById(*id);
  if (absl::IsNotFound(digest.status())) return 0;
  if (!digest.ok()) return digest.status();
  const absl::StatusOr<bool> revoked = store_.Revoke(*digest, clock_.Now());
  if (!revoked.ok()) return revoked.status();
  return *revoked ? 1 : 0;
}

absl::StatusOr<int> TokenRevoker::RevokeAccount(const std::string& did) {
  if (!IsAtprotoDid(did)) return InvalidField("did", "must be a did:plc or did:web");
  return store_.RevokeAll(did, clock_.Now());
}

}  // namespace tokens
