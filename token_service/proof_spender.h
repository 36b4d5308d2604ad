#ifndef TOKEN_SERVICE_PROOF_SPENDER_H_
#define TOKEN_SERVICE_PROOF_SPENDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/token_store.h"
#include "token_service/base/clock.h"

namespace tokens {

// The rules of SingleUseId in token_service.proto. INVALID_ARGUMENT naming the field.
absl::Status CheckSingleUseId(const storage::OneTimeKey& id, absl::Time now);

// ALREADY_EXISTS, SINGLE_USE_ID_SEEN.
absl::Status SingleUseIdSeen();

// The rules of SpendSingleUseId. Thread-safe; blocks on the store.
class ProofSpender {
 public:
  // Both must outlive this.
  ProofSpender(storage::TokenStore& store, Clock& clock) : store_(store), clock_(clock) {}

  // Spends `id` of the account. SingleUseIdSeen if it was spent before; INVALID_ARGUMENT naming the field; the store's
  // errors.
  absl::Status Spend(const std::string& did, const storage::OneTimeKey& id);

 private:
  storage::TokenStore& store_;
  Clock& clock_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_PROOF_SPENDER_H_
