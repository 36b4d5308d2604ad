#include "xrpc_shim/issuer_authority.h"

#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {

absl::Status CheckIssuerSpeaksFor(const std::string& iss, const std::string& did, const FindAccountIssuer& find) {
  for (const Freshness freshness : {Freshness::kCached, Freshness::kForced}) {
    const absl::StatusOr<std::string> issuer = find(did, freshness);
    if (issuer.ok() && *issuer == iss) return absl::OkStatus();
    switch (issuer.status().code()) {
      case absl::StatusCode::kOk:
      case absl::StatusCode::kNotFound:
      case absl::StatusCode::kFailedPrecondition: break;  // told: another or none
      case absl::StatusCode::kDeadlineExceeded: return XrpcError(XrpcErrorName::kUpstreamTimeout);
      default: return XrpcError(XrpcErrorName::kUpstreamFailure);
    }
  }
  return XrpcError(XrpcErrorName::kOauthTokenInvalid, "its issuer is not the one that the account's server names");
}

}  // namespace tokens::xrpc
