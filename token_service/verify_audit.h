#ifndef TOKEN_SERVICE_VERIFY_AUDIT_H_
#define TOKEN_SERVICE_VERIFY_AUDIT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/audit_chain.h"

namespace tokens {

// The end of an audit as text, "42:" and the hash in lower-case hex: short enough to keep elsewhere, by hand.
std::string FormatAuditHead(const storage::AuditHead& head);
// Nothing if it is not such a text.
std::optional<storage::AuditHead> ParseAuditHead(absl::string_view text);

// What `token_service verify-audit` says of an audit, and how it exits: 0 if the chain holds, 1 if it is broken, 2 if
// that cannot be told.
struct AuditVerdict {
  int exit_code;
  std::string line;
};

// Proves the audit of the store at `location` ("rocksdb:DIR"), which is not in use or is a copy. `known` is empty, or
// an end that it is known to have had (FormatAuditHead): then nothing up to there may be missing or other than it was.
// `public_keys` are files with the public halves of the keys that signed its checkpoints; then each must be signed by
// one of them, and a chain that has records must have one. Without, their signatures are not looked at.
AuditVerdict VerifyAudit(const std::string& location, const std::string& known,
                         const std::vector<std::string>& public_keys);

}  // namespace tokens

#endif  // TOKEN_SERVICE_VERIFY_AUDIT_H_
