#ifndef XRPC_SHIM_DPOP_PROOF_H_
#define XRPC_SHIM_DPOP_PROOF_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "xrpc_shim/dpop_nonce.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// How far the instant at which a proof says it was made may be from now, either way. Clients' clocks are wrong by
// minutes; that a proof is fresh is shown by its nonce. The value is the reference's clock tolerance.
inline constexpr absl::Duration kDpopProofWindow = absl::Minutes(3);

// What a verified proof says. A value.
struct DpopProof {
  std::string thumbprint;     // Of the key that signed it: see PublicJwk.
  std::string single_use_id;  // 64 hex digits, from `jti` and the thumbprint.
  absl::Time expire_time;     // From this instant on it is refused.
};

// Verifies DPoP proofs by every step of RFC 9449 §4.3 that is about the proof alone; that its key is the one which the
// access token is bound to is for whoever reads the token. Nonces are demanded, as atproto does. Single use is the
// caller's to enforce, with `single_use_id`. Thread-safe.
class DpopVerifier {
 public:
  // `public_url`: the origin under which clients reach this service, "https://HOST" or "https://HOST:PORT". A proof's
  // `htu` must name it, whatever address a proxy in front has for us. `nonces` must outlive this.
  DpopVerifier(absl::string_view public_url, const DpopNonces& nonces);

  // The proof for sending `access_token` with `request`. InvalidDpopProof; UseDpopNonce if all is well but the nonce.
  absl::StatusOr<DpopProof> Verify(const HttpRequest& request, absl::string_view access_token, absl::Time now) const;

 private:
  const std::string origin_;  // Normalised.
  const DpopNonces& nonces_;
};

// The origin and the path of an http or https URL as it is compared (RFC 3986 §6.2.2, §6.2.3): scheme and host in lower
// case, without the scheme's own port, an empty path as "/", without query and fragment. The path is left as it is: no
// path with an escape or a dot segment is that of a method. Empty for all other text, and for a URL with credentials.
std::string NormalizeHttpUrl(absl::string_view url);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_DPOP_PROOF_H_
