#include "token_service/account_register.h"

#include "token_service/base/did.h"
#include "token_service/base/status_details.h"

namespace tokens {
namespace {

absl::Status CheckDid(const std::string& did) {
  return IsAtprotoDid(did) ? absl::OkStatus() : InvalidField("did", "must be a did:plc or did:web");
}

}  // namespace

absl::string_view AccountStatusName(storage::AccountStatus status) {
  switch (status) {
    case storage::AccountStatus::kActive: return "ACTIVE";
    case storage::AccountStatus::kTakedown: return "TAKENDOWN";
    case storage::AccountStatus::kSuspended: return "SUSPENDED";
    case storage::AccountStatus::kDeactivated: return "DEACTIVATED";
  }
  return "STATUS_UNSPECIFIED";
}

absl::StatusOr<storage::Account> AccountRegister::SetStatus(const std::string& did, storage::AccountStatus status,
                                                            const storage::Actor& by) {
  if (absl::Status bad = CheckDid(did); !bad.ok()) return bad;
  const absl::StatusOr<bool> changed = store_.SetAccountStatus(did, status, clock_.Now(), by);
  if (!changed.ok()) return changed.status();
  return store_.FindAccount(did);
}

absl::StatusOr<storage::Account> AccountRegister::Get(const std::string& did) {
  if (absl::Status bad = CheckDid(did); !bad.ok()) return bad;
  return store_.FindAccount(did);
}

}  // namespace tokens
