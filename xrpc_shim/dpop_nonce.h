#ifndef XRPC_SHIM_DPOP_NONCE_H_
#define XRPC_SHIM_DPOP_NONCE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/base/random.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// A nonce is given out for this long, and taken from one such step before to one step after: at most three minutes,
// where atproto allows five (https://atproto.com/specs/oauth#demonstrating-proof-of-possession-dpop).
inline constexpr absl::Duration kDpopNonceStep = absl::Minutes(1);

// Nonces for DPoP proofs (RFC 9449 §9): HMAC-SHA256 of the number of the minute, so that nothing is stored and all that
// have the same secret agree. Thread-safe.
class DpopNonces {
 public:
  // With a secret of this process alone. UNAVAILABLE if the generator failed.
  static absl::StatusOr<DpopNonces> Create(Random& random);
  // With the secret that is the content of the file at `path`, 32 to 1,024 bytes. INVALID_ARGUMENT if it is shorter;
  // otherwise as ReadFile.
  static absl::StatusOr<DpopNonces> FromFile(const std::string& path);

  // The one to use now.
  std::string Current(absl::Time now) const;
  // True if `nonce` is that of the step of `now`, of the one before, or of the one after (another machine's clock).
  bool IsFresh(absl::string_view nonce, absl::Time now) const;

 private:
  explicit DpopNonces(std::string secret) : secret_(std::move(secret)) {}
  std::string NonceOf(int64_t step) const;

  std::string secret_;
};

// Adds DPoP-Nonce to an answer, whatever it says and whatever was asked: clients that sent a proof refuse an answer
// without one.
void OfferDpopNonce(const DpopNonces& nonces, absl::Time now, HttpResponse* response);

// Adds to an answer that asks for credentials of the scheme Bearer that DPoP would do as well (RFC 9449 §7.1).
void OfferDpopScheme(HttpResponse* response);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_DPOP_NONCE_H_
