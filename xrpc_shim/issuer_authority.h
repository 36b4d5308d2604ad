#ifndef XRPC_SHIM_ISSUER_AUTHORITY_H_
#define XRPC_SHIM_ISSUER_AUTHORITY_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "token_service/identity/did_resolver.h"

namespace tokens::xrpc {

// The issuer that the PDS of the account `did` names, with the errors of tokens::FindIssuer. Thread-safe; may block for
// as long as three fetches may take.
using FindAccountIssuer = std::function<absl::StatusOr<std::string>(const std::string& did, Freshness freshness)>;

// Whether the issuer `iss` speaks for the account `did` (https://atproto.com/specs/oauth#identity-authentication): its
// PDS must name it. Where it names another the account may have moved just now, so its document is fetched once more.
// Errors (XrpcError): InvalidToken if it can be told that the issuer is not the account's; UpstreamFailure or
// UpstreamTimeout if it cannot, never a 401.
absl::Status CheckIssuerSpeaksFor(const std::string& iss, const std::string& did, const FindAccountIssuer& find);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_ISSUER_AUTHORITY_H_
