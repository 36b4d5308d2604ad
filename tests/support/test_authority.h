#ifndef TESTS_SUPPORT_TEST_AUTHORITY_H_
#define TESTS_SUPPORT_TEST_AUTHORITY_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "absl/time/time.h"

namespace tokens::testing {

struct TlsFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using TlsKey = std::unique_ptr<EVP_PKEY, TlsFree>;
using TlsCertificate = std::unique_ptr<X509, TlsFree>;

// What a TLS server needs.
struct TlsIdentity {
  TlsKey key;
  TlsCertificate certificate;
};

// A certificate authority made for one test; its keys exist in memory only. Aborts if OpenSSL fails.
class TestAuthority {
 public:
  TestAuthority();

  // The authority's own certificate, PEM.
  std::string CertificatePem() const;

  // A server certificate for the DNS name `host`, valid until `expires`, from a day before that or before now.
  TlsIdentity Issue(const std::string& host, absl::Time expires) const;

 private:
  TlsIdentity self_;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_TEST_AUTHORITY_H_
