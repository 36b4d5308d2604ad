#include "tests/support/test_authority.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace tokens::testing {
namespace {

void Must(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "test authority: %s failed\n", what);
  std::abort();
}

void AddExtension(X509& certificate, int id, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  Must(extension != nullptr, "extension");
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string PemBy(const std::function<int(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  Must(write(bio) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  return pem;
}

TlsCertificate NewCertificate(const std::string& name, EVP_PKEY& key, X509* issuer, absl::Time expires) {
  TlsCertificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  static long serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  const absl::Time starts = std::min(expires, absl::Now()) - absl::Hours(24);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(starts));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(expires));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer != nullptr ? issuer : certificate.get()));
  X509_set_pubkey(certificate.get(), &key);
  return certificate;
}

}  // namespace

TestAuthority::TestAuthority() {
  self_.key.reset(EVP_EC_gen("P-256"));
  Must(self_.key != nullptr, "key");
  self_.certificate = NewCertificate("Test Authority", *self_.key, nullptr, absl::Now() + absl::Hours(24));
  AddExtension(*self_.certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(*self_.certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  Must(X509_sign(self_.certificate.get(), self_.key.get(), EVP_sha256()) > 0, "signature");
}

std::string TestAuthority::CertificatePem() const { return PemOf(*self_.certificate); }

TlsIdentity TestAuthority::Issue(const std::string& host, absl::Time expires) const {
  return IssueTo(host, absl::StrCat("DNS:", host), expires);
}

TlsIdentity TestAuthority::IssueTo(const std::string& common_name, const std::string& names, absl::Time expires) const {
  TlsIdentity identity;
  identity.key.reset(EVP_EC_gen("P-256"));
  Must(identity.key != nullptr, "key");
  identity.certificate = NewCertificate(common_name, *identity.key, self_.certificate.get(), expires);
  if (!names.empty()) AddExtension(*identity.certificate, NID_subject_alt_name, names);
  Must(X509_sign(identity.certificate.get(), self_.key.get(), EVP_sha256()) > 0, "signature");
  return identity;
}

std::string TestAuthority::Revoke(const std::vector<const TlsIdentity*>& revoked, absl::Time next_update) const {
  X509_CRL* list = X509_CRL_new();
  X509_CRL_set_version(list, X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(self_.certificate.get()));
  ASN1_TIME* time = ASN1_TIME_set(nullptr, absl::ToTimeT(absl::Now() - absl::Hours(24)));
  X509_CRL_set1_lastUpdate(list, time);
  for (const TlsIdentity* identity : revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(identity->certificate.get()));
    X509_REVOKED_set_revocationDate(entry, time);
    Must(X509_CRL_add0_revoked(list, entry) == 1, "revocation");
  }
  ASN1_TIME_set(time, absl::ToTimeT(next_update));
  X509_CRL_set1_nextUpdate(list, time);
  ASN1_TIME_free(time);
  Must(X509_CRL_sign(list, self_.key.get(), EVP_sha256()) > 0, "signature");
  std::string pem = PemBy([list](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list); });
  X509_CRL_free(list);
  return pem;
}

std::string PemOf(X509& certificate) {
  return PemBy([&](BIO* bio) { return PEM_write_bio_X509(bio, &certificate); });
}

std::string PemOf(EVP_PKEY& key) {
  return PemBy([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, &key, nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace tokens::testing
