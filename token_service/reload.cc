#include "token_service/reload.h"

#include "token_service/base/log.h"

namespace tokens {
namespace {

void LogReload(const absl::Status& status, const char* reloaded, const char* rejected) {
  LogFields fields;
  fields.detail = status.message();
  Log(status.ok() ? LogLevel::kInfo : LogLevel::kError, status.ok() ? reloaded : rejected, fields);
}

}  // namespace

// The signal has no caller of ours: whoever sent it may sign in to this machine.
void Reload(PolicyFile& policy, SessionKeyFiles& keys, AuditKeyFile& audit_key, storage::AuditLog& audit, Clock& clock,
            ProgramMetrics& metrics) {
  const absl::Status status = policy.Reload([&](const absl::Status& judged) {
    const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(clock.Now()));
    return audit.AppendAudit(
        {now, storage::AuditAction::kPolicyReload, {"SIGHUP", ""}, "", "", judged.ok() ? "adopted" : "rejected"});
  });
  if (status.ok()) metrics.PolicyInForce(policy.Current()->digest(), clock.Now());
  metrics.Reloaded(Reloadable::kPolicy, status);
  LogReload(status, "policy_reloaded", "policy_rejected");
  const absl::Status keys_status = keys.Reload();
  metrics.Reloaded(Reloadable::kSessionKeys, keys_status);
  LogReload(keys_status, "session_keys_reloaded", "session_keys_rejected");
  if (audit_key.Current() == nullptr) return;
  const absl::Status audit_key_status = audit_key.Reload();
  metrics.Reloaded(Reloadable::kAuditKey, audit_key_status);
  LogReload(audit_key_status, "audit_key_reloaded", "audit_key_rejected");
}

}  // namespace tokens
