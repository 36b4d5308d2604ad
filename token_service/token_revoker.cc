#include "token_service/token_revoker.h"

#include "token_service/base/did.h"
#include "token_service/base/status_details.h"
#include "token_service/token_id.h"
#include "token_service/token_secret.h"

namespace tokens {
namespace {

absl::Status CheckOwner(const TokenOwner& owner) {
  if (!owner.has_value() || IsAtprotoDid(*owner)) return absl::OkStatus();
  return InvalidField("owner_did", "must be empty, a did:plc or a did:web");
}

}  // namespace

absl::StatusOr<int> TokenRevoker::RevokeToken(absl::string_view token, const storage::Actor& by,
                                              const TokenOwner& owner) {
  if (absl::Status status = CheckOwner(owner); !status.ok()) return status;
  const std::optional<PresentedToken> presented = ParsePresentedToken(token);
  if (!presented.has_value()) return 0;
  return Revoke(presented->digest, by, owner);
}

absl::StatusOr<int> TokenRevoker::RevokeTokenId(absl::string_view token_id, const storage::Actor& by,
                                                const TokenOwner& owner) {
  if (absl::Status status = CheckOwner(owner); !status.ok()) return status;
  const std::optional<std::string> id = ParseTokenId(token_id);
  if (!id.has_value()) return InvalidField("token_id", "must be 32 characters of lower-case hex");
  const absl::StatusOr<storage::TokenDigest> digest = store_.FindById(*id);
  if (absl::IsNotFound(digest.status())) return 0;
  if (!digest.ok()) return digest.status();
  return Revoke(*digest, by, owner);
}

absl::StatusOr<int> TokenRevoker::Revoke(const storage::TokenDigest& digest, const storage::Actor& by,
                                         const TokenOwner& owner) {
  if (owner.has_value()) {
    // Two steps may be one here: a token never changes its account.
    const absl::StatusOr<storage::TokenRecord> record = store_.Find(digest);
    if (absl::IsNotFound(record.status())) return 0;
    if (!record.ok()) return record.status();
    if (record->did != *owner) return 0;
  }
  const absl::StatusOr<bool> revoked = store_.Revoke(digest, clock_.Now(), by);
  if (!revoked.ok()) return revoked.status();
  return *revoked ? 1 : 0;
}

absl::StatusOr<int> TokenRevoker::RevokeAccount(const std::string& did, const storage::Actor& by) {
  if (!IsAtprotoDid(did)) return InvalidField("did", "must be a did:plc or did:web");
  return store_.RevokeAll(did, clock_.Now(), by);
}

}  // namespace tokens
