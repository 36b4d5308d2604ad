#include "storage/audit_entry.h"

namespace tokens::storage {
namespace {

constexpr size_t kMaxCallerBytes = 2048;
constexpr size_t kMaxRequestIdBytes = 128;
constexpr size_t kMaxOutcomeBytes = 512;

}  // namespace

const char* AuditActionName(AuditAction action) {
  switch (action) {
    case AuditAction::kMint: return "MINT";
    case AuditAction::kRevoke: return "REVOKE";
    case AuditAction::kRevokeAll: return "REVOKE_ALL";
    case AuditAction::kSetAccountStatus: return "SET_ACCOUNT_STATUS";
    case AuditAction::kPolicyReload: return "POLICY_RELOAD";
    case AuditAction::kBackup: return "BACKUP";
    case AuditAction::kRestored: return "RESTORED";
    case AuditAction::kRefusedAdminCall: return "REFUSED_ADMIN_CALL";
    case AuditAction::kSessionCreate: return "SESSION_CREATE";
    case AuditAction::kSessionDelete: return "SESSION_DELETE";
  }
  return "UNKNOWN";
}

absl::Status CheckActor(const Actor& actor) {
  if (actor.caller.size() > kMaxCallerBytes) return absl::InvalidArgumentError("caller: at most 2048 bytes");
  if (actor.request_id.size() > kMaxRequestIdBytes) return absl::InvalidArgumentError("request_id: at most 128 bytes");
  return absl::OkStatus();
}

absl::Status CheckAuditEntry(const AuditEntry& entry) {
  if (absl::Status status = CheckActor(entry.by); !status.ok()) return status;
  const int action = static_cast<int>(entry.action);
  if (action < 1 || action > kLastAuditAction) return absl::InvalidArgumentError("action: is none");
  if (entry.outcome.size() > kMaxOutcomeBytes) return absl::InvalidArgumentError("outcome: at most 512 bytes");
  if (entry.time != absl::FromUnixMicros(absl::ToUnixMicros(entry.time))) {
    return absl::InvalidArgumentError("time: must be a finite, whole number of microseconds");
  }
  return absl::OkStatus();
}

}  // namespace tokens::storage
