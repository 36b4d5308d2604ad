#ifndef TOKEN_SERVICE_IDENTITY_CLIENT_RULE_H_
#define TOKEN_SERVICE_IDENTITY_CLIENT_RULE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tokens {

// The verdict that an OAuth client breaks a rule of atproto's (https://atproto.com/specs/oauth), as opposed to an
// outage, which is UNAVAILABLE or DEADLINE_EXCEEDED. `rule` is a stable name, listed in docs/errors.md; `problem` says
// the same for people and quotes nothing of the client's. FAILED_PRECONDITION with reason CLIENT_REJECTED and metadata
// `rule`.
absl::Status ClientRejected(absl::string_view rule, absl::string_view problem);

// The rule if `status` is such a verdict; empty otherwise.
std::string RejectingRule(const absl::Status& status);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_CLIENT_RULE_H_
