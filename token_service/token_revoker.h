#ifndef TOKEN_SERVICE_TOKEN_REVOKER_H_
#define TOKEN_SERVICE_TOKEN_REVOKER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/token_store.h"
#include "token_service/base/clock.h"

namespace tokens {

// Whose token is to be revoked: one account's, or anyone's.
using TokenOwner = std::optional<std::string>;

// The rules of Revoke. Each method returns how many tokens it ended; one that is not there, or not any more, counts
// nothing and is no error. Once a method has returned OK, no Validate answers active. `by` is who asked, for the
// audit. Thread-safe; blocks on the store.
class TokenRevoker {
 public:
  // Both must outlive this.
  TokenRevoker(storage::TokenStore& store, Clock& clock) : store_(store), clock_(clock) {}

  // The token itself, by possession. Text that cannot be a token counts nothing, nor does another owner's.
  // INVALID_ARGUMENT if `owner` is not a DID.
  absl::StatusOr<int> RevokeToken(absl::string_view token, const storage::Actor& by,
                                  const TokenOwner& owner = std::nullopt);

  // The same by its public name. INVALID_ARGUMENT if `token_id` is not 32 characters of lower-case hex.
  absl::StatusOr<int> RevokeTokenId(absl::string_view token_id, const storage::Actor& by,
                                    const TokenOwner& owner = std::nullopt);

  // Every token of the account minted before now. INVALID_ARGUMENT if `did` is not a DID.
  absl::StatusOr<int> RevokeAccount(const std::string& did, const storage::Actor& by);

 private:
  absl::StatusOr<int> Revoke(const storage::TokenDigest& digest, const storage::Actor& by, const TokenOwner& owner);

  storage::TokenStore& store_;
  Clock& clock_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_TOKEN_REVOKER_H_
