#include "storage/session_rules.h"

#include "storage/token_rules.h"

namespace tokens::storage {

absl::Status CheckSession(const SessionRecord& record) {
  if (absl::Status status = CheckDid(record.did); !status.ok()) return status;
  if (absl::Status status = CheckInstant("create_time", record.create_time); !status.ok()) return status;
  return CheckInstant("expire_time", record.expire_time);
}

absl::Status CheckNewSession(const NewSession& session) {
  if (absl::Status status = CheckSession(session.record); !status.ok()) return status;
  if (session.record.ended) return absl::InvalidArgumentError("ended must be false in a new session");
  if (session.record.account_status != AccountStatus::kActive) {
    return absl::InvalidArgumentError("account_status must be unset in a new session");
  }
  return CheckActor(session.by);
}

absl::Status CheckRotation(const Rotation& rotation) {
  if (absl::Status status = CheckDid(rotation.did); !status.ok()) return status;
  if (absl::Status status = CheckInstant("now", rotation.now); !status.ok()) return status;
  if (rotation.grace < absl::ZeroDuration()) return absl::InvalidArgumentError("grace must not be negative");
  if (absl::Status status = CheckInstant("grace", rotation.now + rotation.grace); !status.ok()) return status;
  return CheckInstant("successor_expire_time", rotation.successor_expire_time);
}

}  // namespace tokens::storage
