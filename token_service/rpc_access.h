#ifndef TOKEN_SERVICE_RPC_ACCESS_H_
#define TOKEN_SERVICE_RPC_ACCESS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "token_service/caller_role.h"

namespace tokens {

// Who may call one RPC.
struct RpcAccess {
  absl::string_view service;  // Full name.
  absl::string_view method;   // Unique among all services.
  CallerRoles roles;          // Any of them suffices; an admin needs none.
};

// The one table of who may call what: a row for every RPC of every service of ours (a test holds it to the protos).
absl::Span<const RpcAccess> RpcAccessTable();

// The row of `method`, "Mint"; null if it has none, in which case nobody may call it.
const RpcAccess* FindRpcAccess(absl::string_view method);

// Whether a refusal of it goes into the audit: what an operator or an auditor does (AdminService, AuditService), and
// whatever an admin alone may do.
bool IsAdminCall(const RpcAccess& access);

// The role by which a caller that has `held` may call; nothing if it may not.
std::optional<CallerRole> GrantingRole(const RpcAccess& access, const CallerRoles& held);

}  // namespace tokens

#endif  // TOKEN_SERVICE_RPC_ACCESS_H_
