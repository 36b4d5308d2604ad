#ifndef XRPC_SHIM_SERVICE_JWT_H_
#define XRPC_SHIM_SERVICE_JWT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/identity/did_resolver.h"

namespace tokens::xrpc {

// More than any service JWT; a longer one is refused unread.
inline constexpr size_t kMaxServiceJwtBytes = 4096;

// The longest life of a JWT that a PDS hands out (com.atproto.server.getServiceAuth).
inline constexpr absl::Duration kMaxServiceJwtLife = absl::Hours(1);

// By how much the issuer's clock may differ from ours. It widens every window but one: a JWT is refused from the very
// instant `exp` on, as by the reference.
inline constexpr absl::Duration kServiceJwtSkew = absl::Seconds(30);

// What a verified JWT says. A value.
struct ServiceJwt {
  std::string did;            // The account that signed it; did:plc or did:web, never with a fragment.
  std::string single_use_id;  // 64 hex digits, unique per DID: see ServiceJwtVerifier.
  absl::Time expire_time;     // From this instant on it is refused.
};

// Verifies inter-service auth JWTs (https://atproto.com/specs/xrpc#inter-service-authentication-jwt), by which an
// account shows that it wants one method called on this service.
//
// Stricter than the reference (@atproto/xrpc-server): canonical unpadded base64url and 64-byte signatures only, no name
// twice in an object, `exp` at most an hour ahead, `iat` and `nbf` checked, `lxm` required, `kid` only "#atproto", no
// `crit`, no fragment in `iss`. Equally lenient about a high S.
//
// Single use is the caller's to enforce, cluster-wide, with `single_use_id`. It is derived from `jti`; where a JWT has
// none (older emitters), from the signed part of the text. Never from the signature, which anyone can vary. It should
// be remembered until expire_time plus whatever clocks may differ by.
//
// Thread-safe if the resolver is.
class ServiceJwtVerifier {
 public:
  // `audiences`: the values of `aud` that mean this service, compared whole: "did:web:us", "did:web:us#service".
  ServiceJwtVerifier(std::vector<std::string> audiences, ResolveDid resolve);

  // `lxm`: the NSID of the method being called. May block for as long as the resolver does, but asks it only about a
  // JWT whose claims are all in order; a second time, for a fresh document, only if the signature does not fit the
  // first. Errors, in this order (XrpcError):
  //   BadJwt               not a JWT of three parts, unknown algorithm, a member missing or of the wrong type
  //   BadJwtType           an access, refresh or DPoP token
  //   JwtExpired, JwtTooOld (lives too long, or was issued too long ago), JwtNotYetValid
  //   BadJwtAudience, BadJwtLexiconMethod, BadJwtIss
  //   BadJwtSignature      also if the key is not one for the JWT's algorithm
  // and where the issuer's document could not be had: BadJwtIss if there is none, UpstreamFailure or UpstreamTimeout
  // (never a 401) if that could not be found out.
  absl::StatusOr<ServiceJwt> Verify(absl::string_view jwt, absl::string_view lxm, absl::Time now) const;

 private:
  const std::vector<std::string> audiences_;
  const ResolveDid resolve_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SERVICE_JWT_H_
