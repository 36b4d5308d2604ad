#ifndef TOKEN_SERVICE_POLICY_CALLERS_H_
#define TOKEN_SERVICE_POLICY_CALLERS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "didpic/token/v1/policy.pb.h"
#include "token_service/caller_role.h"

namespace tokens {

// Roles by certificate name (subject alternative name): a SPIFFE URI, or a DNS name in lower case.
using CallerTable = absl::flat_hash_map<std::string, CallerRoles>;

// The callers of a policy file. Adds a line to `faults` for each that is wrong: a name that no certificate of ours may
// have, a name that is there twice, no role, an unknown role.
CallerTable ReadCallers(const didpic::token::v1::Policy& policy, std::vector<std::string>* faults);

}  // namespace tokens

#endif  // TOKEN_SERVICE_POLICY_CALLERS_H_
