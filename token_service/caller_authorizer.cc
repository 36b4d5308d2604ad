#include "token_service/caller_authorizer.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "token_service/base/status_details.h"
#include "token_service/rpc_access.h"

namespace tokens {
namespace {

constexpr size_t kMaxSeen = 4096;

absl::Status Unauthenticated(absl::string_view text, const char* reason) {
  return WithReason(absl::UnauthenticatedError(text), {reason, {}});
}

absl::Status Denied(absl::string_view text, const char* reason) {
  return WithReason(absl::PermissionDeniedError(text), {reason, {}});
}

// The first name of the certificate that the policy lists, with its roles.
const CallerTable::value_type* FindListed(const Policy& policy, const PeerCertificate& certificate) {
  for (const std::string& name : certificate.names) {
    if (const auto* listed = policy.FindCaller(name)) return listed;
  }
  return nullptr;
}

CallerRole FirstOf(const CallerRoles& roles) {
  for (const CallerRole role : kCallerRoles) {
    if (roles.Has(role)) return role;
  }
  return CallerRole::kAdmin;
}

}  // namespace

absl::Status CallerAuthorizer::Authorize(const grpc::CallbackServerContext& context, absl::string_view method,
                                         Caller* caller) const {
  const RpcAccess* access = FindRpcAccess(method);
  if (!sources_.has_value()) {
    caller->name = kPlaintextCaller;
    if (access == nullptr) return Denied(absl::StrCat(method, ": no role may call it"), "NO_ROLE_FOR_METHOD");
    caller->role = CallerRoleName(FirstOf(access->roles));
    return absl::OkStatus();
  }
  const std::vector<grpc::string_ref> pem =
      context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pem.empty()) return Unauthenticated("a client certificate is required", "NO_CERTIFICATE");
  const auto certificate = Read({pem.front().data(), pem.front().size()});
  if (!certificate.ok()) return certificate.status();
  const std::shared_ptr<const Policy> policy = sources_->policy.Current();
  const CallerTable::value_type* listed = FindListed(*policy, **certificate);
  if (listed != nullptr) {
    caller->name = listed->first;
  } else if (!(*certificate)->names.empty()) {
    caller->name = (*certificate)->names.front();
  }
  if (absl::Status status = CheckHolds(**certificate); !status.ok()) return status;
  if (listed == nullptr) return Denied("the policy lists no name of the client certificate", "UNKNOWN_CALLER");
  if (access == nullptr) return Denied(absl::StrCat(method, ": no role may call it"), "NO_ROLE_FOR_METHOD");
  const std::optional<CallerRole> role = GrantingRole(*access, listed->second);
  if (!role.has_value()) return Denied(absl::StrCat(method, ": not with the caller's roles"), "ROLE_MISSING");
  caller->role = CallerRoleName(*role);
  return absl::OkStatus();
}

absl::Status CallerAuthorizer::CheckCertificate(absl::string_view pem) const {
  if (!sources_.has_value()) return absl::OkStatus();
  const auto certificate = Read(pem);
  if (!certificate.ok()) return certificate.status();
  return CheckHolds(**certificate);
}

absl::Status CallerAuthorizer::CheckHolds(const PeerCertificate& certificate) const {
  if (certificate.not_after < sources_->clock.Now()) {
    return Unauthenticated("the client certificate has expired", "CERTIFICATE_EXPIRED");
  }
  if (sources_->revocations.Current()->Contains(certificate)) {
    return Unauthenticated("the client certificate is revoked", "CERTIFICATE_REVOKED");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const PeerCertificate>> CallerAuthorizer::Read(absl::string_view pem) const {
  {
    MutexLock lock(mutex_);
    if (const auto it = seen_.find(pem); it != seen_.end()) return it->second;
  }
  absl::StatusOr<PeerCertificate> parsed = ParsePeerCertificate(pem);
  if (!parsed.ok()) return Unauthenticated("the client certificate cannot be read", "NO_CERTIFICATE");
  auto certificate = std::make_shared<const PeerCertificate>(*std::move(parsed));
  MutexLock lock(mutex_);
  if (seen_.size() >= kMaxSeen) seen_.clear();
  seen_.emplace(std::string(pem), certificate);
  return certificate;
}

}  // namespace tokens
