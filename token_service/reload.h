#ifndef TOKEN_SERVICE_RELOAD_H_
#define TOKEN_SERVICE_RELOAD_H_

#include "storage/audit_log.h"
#include "token_service/audit_key.h"
#include "token_service/base/clock.h"
#include "token_service/base/program_metrics.h"
#include "token_service/policy_file.h"
#include "token_service/session_keys.h"

namespace tokens {

// What SIGHUP asks for: reads the policy again, which is audited, the session keys and the key of the audit. What is
// bad changes nothing; log and metrics tell either way.
void Reload(PolicyFile& policy, SessionKeyFiles& keys, AuditKeyFile& audit_key, storage::AuditLog& audit, Clock& clock,
            ProgramMetrics& metrics);

}  // namespace tokens

#endif  // TOKEN_SERVICE_RELOAD_H_
