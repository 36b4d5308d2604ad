#include "token_service/revocation_list.h"

#include <openssl/err.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "token_service/base/x509.h"

namespace tokens {
namespace {

bool IsSignedByOneOf(const std::vector<CertificatePtr>& authorities, X509_CRL& list) {
  for (const CertificatePtr& authority : authorities) {
    if (X509_NAME_cmp(X509_get_subject_name(authority.get()), X509_CRL_get_issuer(&list)) != 0) continue;
    const bool valid = X509_CRL_verify(&list, X509_get0_pubkey(authority.get())) == 1;
    ERR_clear_error();
    if (valid) return true;
  }
  return false;
}

std::vector<CertificatePtr> ReadCertificates(const std::string& pem) {
  std::vector<CertificatePtr> certificates;
  const BioPtr bio = ReadingBio(pem);
  while (CertificatePtr certificate = NextCertificate(*bio)) certificates.push_back(std::move(certificate));
  return certificates;
}

// Blocks of the file, readable or not, so that a damaged one cannot be passed over.
size_t CountBlocks(const std::string& pem) {
  size_t count = 0;
  for (size_t at = pem.find("-----BEGIN "); at != std::string::npos; at = pem.find("-----BEGIN ", at + 1)) ++count;
  return count;
}

}  // namespace

absl::StatusOr<RevocationList> RevocationList::Parse(const std::string& crl_pem, const std::string& ca_pem) {
  const std::vector<CertificatePtr> authorities = ReadCertificates(ca_pem);
  const BioPtr bio = ReadingBio(crl_pem);
  RevocationList result;
  size_t lists = 0;
  while (const CrlPtr list = NextCrl(*bio)) {
    ++lists;
    if (!IsSignedByOneOf(authorities, *list)) {
      return absl::InvalidArgumentError("a revocation list that is not signed by the client CA");
    }
    if (X509_CRL_get_ext_by_critical(list.get(), 1, -1) >= 0) {
      return absl::InvalidArgumentError("a revocation list with a critical extension: it may not be whole");
    }
    STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(list.get());
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
      result.revoked_.insert(IssuerAndSerial(X509_CRL_get_issuer(list.get()),
                                             X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i))));
    }
    if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list.get())) {
      result.next_update_ = std::min(result.next_update_, ToTime(next));
    }
  }
  if (lists == 0 || lists != CountBlocks(crl_pem)) {
    return absl::InvalidArgumentError("not a file of PEM revocation lists (X509 CRL), or one of them is damaged");
  }
  return result;
}

}  // namespace tokens
