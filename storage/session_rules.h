#ifndef STORAGE_SESSION_RULES_H_
#define STORAGE_SESSION_RULES_H_

#include "absl/status/status.h"
#include "storage/account.h"
#include "storage/session_store.h"

namespace tokens::storage {

// The rules every backend applies to sessions; pure functions, errors as in token_rules.h.

// The rules of session_record.h.
absl::Status CheckSession(const SessionRecord& record);

// CheckSession, and those of NewSession.
absl::Status CheckNewSession(const NewSession& session);

absl::Status CheckRotation(const Rotation& rotation);

// Whether an account of this status may have sessions.
inline bool MayHaveSessions(AccountStatus status) {
  return status == AccountStatus::kActive || status == AccountStatus::kDeactivated;
}

}  // namespace tokens::storage

#endif  // STORAGE_SESSION_RULES_H_
