#include "token_service/proof_spender.h"

#include <cstddef>

#include "token_service/base/did.h"
#include "token_service/base/status_details.h"

namespace tokens {
namespace {

constexpr size_t kMaxIdBytes = 512;
constexpr absl::Duration kMaxWindow = absl::Hours(24);

}  // namespace

absl::Status CheckSingleUseId(const storage::OneTimeKey& id, absl::Time now) {
  if (id.key.empty() || id.key.size() > kMaxIdBytes) return InvalidField("single_use_id.id", "1 to 512 bytes");
  if (id.expire_time <= now || id.expire_time > now + kMaxWindow) {
    return InvalidField("single_use_id.expire_time", "must be in the future, at most 24 hours ahead");
  }
  return absl::OkStatus();
}

absl::Status SingleUseIdSeen() {
  return WithReason(absl::AlreadyExistsError("this single_use_id has been used before"), {"SINGLE_USE_ID_SEEN", {}});
}

absl::Status ProofSpender::Spend(const std::string& did, const storage::OneTimeKey& id) {
  const absl::Time now = clock_.Now();
  if (!IsAtprotoDid(did)) return InvalidField("did", "must be a did:plc or did:web");
  if (absl::Status status = CheckSingleUseId(id, now); !status.ok()) return status;
  const absl::StatusOr<bool> spent = store_.SpendSingleUseId(did, id, now);
  if (!spent.ok()) return spent.status();
  return *spent ? absl::OkStatus() : SingleUseIdSeen();
}

}  // namespace tokens
