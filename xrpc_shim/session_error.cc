#include "xrpc_shim/session_error.h"

#include <optional>

#include "token_service/base/status_details.h"
#include "xrpc_shim/token_service_error.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {

namespace pb = ::didpic::token::v1;

absl::Status FromSessionRefusal(const pb::SessionRefusal& refusal, const SessionCredential& credential) {
  switch (refusal.reason()) {
    case pb::SessionRefusal::EXPIRED: return XrpcError(XrpcErrorName::kSessionTokenExpired);
    case pb::SessionRefusal::REVOKED: return XrpcError(XrpcErrorName::kSessionTokenExpired, "Token has been revoked");
    case pb::SessionRefusal::ACCOUNT_INACTIVE: return XrpcError(XrpcErrorName::kSessionTakedown);
    case pb::SessionRefusal::MISSING_TOKEN_ID: return XrpcError(XrpcErrorName::kMissingTokenId);
    case pb::SessionRefusal::DPOP_KEY_MISMATCH:
      return credential.dpop_jkt.empty()
                 ? XrpcError(XrpcErrorName::kSessionTokenInvalid, "Token is bound to a DPoP key")
                 : XrpcError(XrpcErrorName::kOauthTokenInvalid, "Token is bound to another DPoP key");
    default: return XrpcError(XrpcErrorName::kSessionTokenInvalid);  // INVALID, and what is newer than this program.
  }
}

absl::Status FromSessionService(const absl::Status& status) {
  const std::optional<ErrorReason> reason = GetReason(status);
  const bool sessions_off = reason.has_value() && reason->reason == "SESSIONS_OFF";
  if (sessions_off || status.code() == absl::StatusCode::kUnimplemented) {
    return XrpcError(XrpcErrorName::kMethodNotImplemented);
  }
  return FromTokenService(status, {});
}

}  // namespace tokens::xrpc
