#ifndef STORAGE_TOKEN_RECORD_H_
#define STORAGE_TOKEN_RECORD_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "storage/account.h"
#include "storage/token_digest.h"

namespace tokens::storage {

// What kind of OAuth client asked for a token; kUnknown where none did, or it was not looked up.
enum class ClientType { kUnknown, kPublic, kConfidential, kLoopback };

// What is known of one token. A value; holds no secret. Times are UTC, finite, whole microseconds. Strings come back
// byte for byte; nothing here requires that they are UTF-8.
struct TokenRecord {
  TokenDigest digest;
  std::string did;          // Not empty, without NUL.
  std::string profile;      // Not empty, without NUL.
  std::string label;        // For people; may be empty.
  std::string client_id;    // May be empty.
  std::string client_name;  // The client's own words, as of the mint; may be empty.
  ClientType client_type = ClientType::kUnknown;
  absl::Time issue_time;
  absl::Time expire_time;  // The first instant at which the token no longer holds.
  // When it was revoked, by itself or with its account, whichever was first.
  std::optional<absl::Time> revoke_time;
  // Its account's, as of the read. Not the token's own: kActive in a token to insert.
  AccountStatus account_status = AccountStatus::kActive;

  // When it was last used, as far as the store was told (TokenStore::RecordUses).
  std::optional<absl::Time> last_use_time;

  friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

}  // namespace tokens::storage

#endif  // STORAGE_TOKEN_RECORD_H_
