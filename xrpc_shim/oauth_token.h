#ifndef XRPC_SHIM_OAUTH_TOKEN_H_
#define XRPC_SHIM_OAUTH_TOKEN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/jose/signing_key.h"
#include "xrpc_shim/oauth_scope.h"

namespace tokens::xrpc {

// By how much an issuer's clock may differ from ours; a token is refused from the very instant `exp` on all the same.
inline constexpr absl::Duration kOauthTokenSkew = absl::Seconds(30);

// The key `kid` of the issuer `iss`. Thread-safe; may block for as long as a fetch may take.
// PERMISSION_DENIED: the issuer is not one we trust. NOT_FOUND: it has no such key.
// UNAVAILABLE or DEADLINE_EXCEEDED: could not tell.
using FindIssuerKey = std::function<absl::StatusOr<SigningKey>(const std::string& iss, const std::string& kid)>;

// Whether the issuer may speak for the account. Thread-safe; may block for as long as a few fetches may take.
// XrpcError: InvalidToken; UpstreamFailure or UpstreamTimeout where that could not be told.
using CheckIssuer = std::function<absl::Status(const std::string& iss, const std::string& did)>;

// What a verified access token says. A value.
struct OauthToken {
  std::string did;        // The account; did:plc or did:web.
  std::string client_id;  // Of the app that it was issued to.
};

// Verifies DPoP-bound OAuth access tokens that are JWTs (RFC 9068, RFC 9449 §6.1, https://atproto.com/specs/oauth) for
// this service, from issuers that its operator chose. Thread-safe if the functions are.
class OauthTokenVerifier {
 public:
  // `audiences`: the values of `aud` and of a permission's `aud` that mean this service.
  OauthTokenVerifier(std::vector<std::string> audiences, FindIssuerKey find_key, CheckIssuer check_issuer,
                     ResolveIncludedSet resolve_set);

  // `thumbprint`: of the key that proved possession. `lxm`: the NSID of the method being called. Errors, in this order
  // (XrpcError):
  //   InvalidToken        not an access token; its issuer is not trusted or has no such key; a signature that does not
  //                       fit; a claim missing or of the wrong type; bound to another key or to none; another audience;
  //                       an account that is not one of atproto
  //   InsufficientScope   the scope does not cover the method
  //   ExpiredToken, InvalidToken (issued in the future)
  //   those of CheckIssuer
  //   UpstreamFailure or UpstreamTimeout where the issuer's keys could not be had: never a 401
  absl::StatusOr<OauthToken> Verify(absl::string_view jwt, absl::string_view thumbprint, absl::string_view lxm,
                                    absl::Time now) const;

 private:
  const std::vector<std::string> audiences_;
  const FindIssuerKey find_key_;
  const CheckIssuer check_issuer_;
  const ResolveIncludedSet resolve_set_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_OAUTH_TOKEN_H_
