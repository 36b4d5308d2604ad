#ifndef TOKEN_SERVICE_REVOCATION_LIST_H_
#define TOKEN_SERVICE_REVOCATION_LIST_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/peer_certificate.h"

namespace tokens {

// Certificates that hold no longer, by the revocation lists (RFC 5280, section 5) of those who signed them. Immutable,
// so thread-safe. The list of a certificate authority says nothing about the certificates of another one.
class RevocationList {
 public:
  // Empty: nothing is revoked.
  RevocationList() = default;

  // Reads the CRLs of `crl_pem`, at least one. INVALID_ARGUMENT if one is damaged, is not signed by a certificate of
  // `ca_pem`, or has a critical extension (delta and partial lists do): such a list cannot be believed to be whole.
  static absl::StatusOr<RevocationList> Parse(const std::string& crl_pem, const std::string& ca_pem);

  bool Contains(const PeerCertificate& certificate) const { return revoked_.contains(certificate.issuer_and_serial); }
  size_t size() const { return revoked_.size(); }

  // When the first of the lists should have been replaced by a newer one. It is obeyed after that just the same.
  absl::Time next_update() const { return next_update_; }

 private:
  absl::flat_hash_set<std::string> revoked_;
  absl::Time next_update_ = absl::InfiniteFuture();
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_REVOCATION_LIST_H_
