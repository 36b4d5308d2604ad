#ifndef TOKEN_SERVICE_TOKEN_ISSUER_H_
#define TOKEN_SERVICE_TOKEN_ISSUER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/token_store.h"
#include "token_service/base/clock.h"
#include "token_service/base/random.h"
#include "token_service/policy_file.h"
#include "token_service/token_secret.h"

namespace tokens {

// What a caller wants minted. Field rules are those of MintRequest in token_service.proto.
struct MintOrder {
  std::string did;
  std::string profile;  // Empty means "widget".
  std::string label;
  std::string client_id;
  std::string idempotency_key;  // Empty for none.
  std::optional<storage::OneTimeKey> single_use_id;
  std::string client_name;
  storage::ClientType client_type = storage::ClientType::kUnknown;
  storage::Actor by;  // Who asked, for the audit.
};

// A token that has been stored.
struct MintedToken {
  TokenSecret secret;
  storage::TokenRecord record;
};

// The rules of Mint. Thread-safe; blocks on the store.
class TokenIssuer {
 public:
  // All must outlive this.
  TokenIssuer(storage::TokenStore& store, const PolicyFile& policy, Clock& clock, Random& random)
      : store_(store), policy_(policy), clock_(clock), random_(random) {}

  // Mints and stores a token. Issue and expiry are whole milliseconds, so that every face shows the same instant.
  // INVALID_ARGUMENT naming the field; NOT_FOUND UNKNOWN_PROFILE; FAILED_PRECONDITION ACCOUNT_INACTIVE (metadata
  // status, named as in admin_service.proto); RESOURCE_EXHAUSTED TOKEN_LIMIT_REACHED;
  // ALREADY_EXISTS IDEMPOTENCY_KEY_USED (metadata token_id) or SINGLE_USE_ID_SEEN; the store's errors.
  absl::StatusOr<MintedToken> Mint(const MintOrder& order);

 private:
  storage::TokenStore& store_;
  const PolicyFile& policy_;
  Clock& clock_;
  Random& random_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_TOKEN_ISSUER_H_
