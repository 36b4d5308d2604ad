#ifndef TOKEN_SERVICE_PEER_CERTIFICATE_H_
#define TOKEN_SERVICE_PEER_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tokens {

// What matters here of the certificate by which the other side of a TLS connection has proved itself. A value.
struct PeerCertificate {
  // Subject alternative names: SPIFFE URIs, then DNS names in lower case, each in the order of the certificate. The
  // kinds cannot be taken for each other. Nothing else of the certificate names anybody, the common name least of all.
  std::vector<std::string> names;
  absl::Time not_after;
  // Issuer and serial number, DER: what a revocation list names it by.
  std::string issuer_and_serial;
};

// Reads the first certificate of `pem`; whoever calls has verified it. INVALID_ARGUMENT if there is none, or it cannot
// be read.
absl::StatusOr<PeerCertificate> ParsePeerCertificate(absl::string_view pem);

}  // namespace tokens

#endif  // TOKEN_SERVICE_PEER_CERTIFICATE_H_
