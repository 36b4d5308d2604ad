#ifndef STORAGE_ACCOUNT_H_
#define STORAGE_ACCOUNT_H_

#include <optional>

#include "absl/time/time.h"

namespace tokens::storage {

// Whether an account may be served. All but kActive are inactive; which one it is matters only to those who are told.
enum class AccountStatus { kActive, kTakedown, kSuspended, kDeactivated };

// What is known of an account besides its tokens. The default is an account whose status was never set.
struct Account {
  AccountStatus status = AccountStatus::kActive;
  // Since when it has this status. Unset, and the status active, if none was ever set.
  std::optional<absl::Time> status_time;

  friend bool operator==(const Account&, const Account&) = default;
};

}  // namespace tokens::storage

#endif  // STORAGE_ACCOUNT_H_
