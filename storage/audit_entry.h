#ifndef STORAGE_AUDIT_ENTRY_H_
#define STORAGE_AUDIT_ENTRY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tokens::storage {

// Who asked for a change, as far as the program knows. A value; holds no secret.
struct Actor {
  std::string caller;      // The name in the caller's certificate; of what else acts, a fixed word. At most 2048 bytes.
  std::string request_id;  // Finds the call in the log; may be empty. At most 128 bytes.

  friend bool operator==(const Actor&, const Actor&) = default;
};

// What can be audited. The numbers are on the disk and in every hash: frozen, never reused.
enum class AuditAction {
  kMint = 1,
  kRevoke = 2,
  kRevokeAll = 3,
  kSetAccountStatus = 4,
  kPolicyReload = 5,
  kBackup = 6,
  kRestored = 7,
  kRefusedAdminCall = 8,
  kSessionCreate = 9,
  kSessionDelete = 10,
};
inline constexpr int kLastAuditAction = 10;

// For people, for example "MINT". "UNKNOWN" for what is none of them.
const char* AuditActionName(AuditAction action);

// One action, as the audit keeps it. What does not apply is empty.
struct AuditEntry {
  absl::Time time;  // When the caller says it was; whole microseconds. The order is that of the records, not of these.
  AuditAction action = AuditAction::kMint;
  Actor by;
  std::string did;
  std::string token_id;  // Lower-case hex, as in the public contract.
  // What came of it, in a word: the profile minted, how many tokens were ended, the new status, a refusal's code. At
  // most 512 bytes.
  std::string outcome;

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

// The bounds above. INVALID_ARGUMENT names the field.
absl::Status CheckActor(const Actor& actor);
absl::Status CheckAuditEntry(const AuditEntry& entry);

}  // namespace tokens::storage

#endif  // STORAGE_AUDIT_ENTRY_H_
