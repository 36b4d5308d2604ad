#ifndef TOKEN_SERVICE_BASE_X509_H_
#define TOKEN_SERVICE_BASE_X509_H_

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tokens {

// Owners of OpenSSL's objects, and what reading certificates and revocation lists has in common. Thread-safe. Include
// from sources only.
struct X509Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
};
using BioPtr = std::unique_ptr<BIO, X509Free>;
using CertificatePtr = std::unique_ptr<X509, X509Free>;
using CrlPtr = std::unique_ptr<X509_CRL, X509Free>;

// Reads from `bytes`, which must outlive it.
BioPtr ReadingBio(absl::string_view bytes);

// The next CERTIFICATE or X509 CRL block that `pem` has; null if there is none left, or it is damaged.
CertificatePtr NextCertificate(BIO& pem);
CrlPtr NextCrl(BIO& pem);

// InfinitePast for a time that cannot be read.
absl::Time ToTime(const ASN1_TIME* time);

// What identifies a certificate (RFC 5280, section 4.1.2.2), DER.
std::string IssuerAndSerial(const X509_NAME* issuer, const ASN1_INTEGER* serial);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_X509_H_
