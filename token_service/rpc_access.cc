#include "token_service/rpc_access.h"

namespace tokens {
namespace {

constexpr char kTokens[] = "didpic.token.v1.TokenService";
constexpr char kSessions[] = "didpic.token.v1.SessionService";
constexpr char kAdmin[] = "didpic.token.v1.AdminService";
constexpr char kAudit[] = "didpic.token.v1.AuditService";

constexpr CallerRole kValidator = CallerRole::kValidator;
constexpr CallerRole kMinter = CallerRole::kMinter;
constexpr CallerRole kIssuer = CallerRole::kSessionIssuer;
constexpr CallerRole kRevoker = CallerRole::kRevoker;
constexpr CallerRole kAuditor = CallerRole::kAuditor;

constexpr RpcAccess kTable[] = {
    {kTokens, "Mint", {kMinter}},
    {kTokens, "Validate", {kValidator}},
    {kTokens, "BatchValidate", {kValidator}},
    {kTokens, "Revoke", {kRevoker}},
    {kTokens, "ListTokens", {kAuditor, kMinter}},
    {kTokens, "SpendSingleUseId", {kMinter}},
    // To make a session needs no proof; the others need a JWT of it, so that whoever passes viewers' requests on may.
    {kSessions, "CreateSession", {kIssuer}},
    {kSessions, "RefreshSession", {kIssuer, kMinter}},
    {kSessions, "GetSession", {kIssuer, kMinter, kValidator}},
    {kSessions, "DeleteSession", {kIssuer, kMinter}},
    {kSessions, "ListSigningKeys", {kIssuer, kMinter, kValidator}},
    {kAdmin, "SetAccountStatus", {CallerRole::kAdmin}},
    {kAdmin, "GetAccount", {kAuditor}},
    {kAdmin, "DescribeClient", {CallerRole::kAdmin}},
    {kAdmin, "DiscoverServer", {CallerRole::kAdmin}},
    {kAdmin, "CreateBackup", {CallerRole::kAdmin}},
    {kAdmin, "GetStats", {kAuditor}},
    {kAudit, "Export", {kAuditor}},
};

}  // namespace

absl::Span<const RpcAccess> RpcAccessTable() { return kTable; }

const RpcAccess* FindRpcAccess(absl::string_view method) {
  for (const RpcAccess& row : kTable) {
    if (row.method == method) return &row;
  }
  return nullptr;
}

bool IsAdminCall(const RpcAccess& access) {
  if (access.service == kAdmin || access.service == kAudit) return true;
  for (const CallerRole role : kCallerRoles) {
    if (role != CallerRole::kAdmin && access.roles.Has(role)) return false;
  }
  return true;
}

std::optional<CallerRole> GrantingRole(const RpcAccess& access, const CallerRoles& held) {
  for (const CallerRole role : kCallerRoles) {
    if (access.roles.Has(role) && held.Has(role)) return role;
  }
  if (held.Has(CallerRole::kAdmin)) return CallerRole::kAdmin;
  return std::nullopt;
}

}  // namespace tokens
