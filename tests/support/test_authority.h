#ifndef TESTS_SUPPORT_TEST_AUTHORITY_H_
#define TESTS_SUPPORT_TEST_AUTHORITY_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

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

// As PEM files hold them.
std::string PemOf(X509& certificate);
std::string PemOf(EVP_PKEY& key);

// A certificate authority made for one test; its keys exist in memory only. Aborts if OpenSSL fails.
class TestAuthority {
 public:
  TestAuthority();

  // The authority's own certificate, PEM.
  std::string CertificatePem() const;

  // A server certificate for the DNS name `host`, valid until `expires`, from a day before that or before now.
  TlsIdentity Issue(const std::string& host, absl::Time expires) const;

  // The same for a party with these subject alternative names, in OpenSSL's notation ("URI:spiffe://a/b,DNS:c"; empty
  // for none), and `common_name`.
  TlsIdentity IssueTo(const std::string& common_name, const std::string& names, absl::Time expires) const;

  // A list, PEM, that revokes these; its next one is due at `next_update`.
  std::string Revoke(const std::vector<const TlsIdentity*>& revoked, absl::Time next_update) const;

 private:
  TlsIdentity self_;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_TEST_AUTHORITY_H_
