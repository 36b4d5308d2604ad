#ifndef TOKEN_SERVICE_ACCOUNT_REGISTER_H_
#define TOKEN_SERVICE_ACCOUNT_REGISTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/token_store.h"
#include "token_service/base/clock.h"

namespace tokens {

// As in the contract (Account.Status in admin_service.proto), for example "TAKENDOWN".
absl::string_view AccountStatusName(storage::AccountStatus status);

// The rules of SetAccountStatus and GetAccount. Once SetStatus has returned OK, no Validate and no Mint goes by the
// status before. INVALID_ARGUMENT if `did` is not a DID; otherwise the store's errors. Thread-safe; blocks on the
// store.
class AccountRegister {
 public:
  // Both must outlive this.
  AccountRegister(storage::TokenStore& store, Clock& clock) : store_(store), clock_(clock) {}

  // Returns the account as it is afterwards: as set here, unless another call came between. `by` is who asked, for
  // the audit.
  absl::StatusOr<storage::Account> SetStatus(const std::string& did, storage::AccountStatus status,
                                             const storage::Actor& by);

  absl::StatusOr<storage::Account> Get(const std::string& did);

 private:
  storage::TokenStore& store_;
  Clock& clock_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_ACCOUNT_REGISTER_H_
