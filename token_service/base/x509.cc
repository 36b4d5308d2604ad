#include "token_service/base/x509.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

namespace tokens {

BioPtr ReadingBio(absl::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

CertificatePtr NextCertificate(BIO& pem) {
  CertificatePtr certificate(PEM_read_bio_X509(&pem, nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

CrlPtr NextCrl(BIO& pem) {
  CrlPtr list(PEM_read_bio_X509_CRL(&pem, nullptr, nullptr, nullptr));
  ERR_clear_error();
  return list;
}

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string IssuerAndSerial(const X509_NAME* issuer, const ASN1_INTEGER* serial) {
  unsigned char* issuer_der = nullptr;
  unsigned char* serial_der = nullptr;
  const int issuer_size = i2d_X509_NAME(issuer, &issuer_der);
  const int serial_size = i2d_ASN1_INTEGER(serial, &serial_der);
  std::string both;
  if (issuer_size > 0 && serial_size > 0) {
    both.append(reinterpret_cast<const char*>(issuer_der), static_cast<size_t>(issuer_size));
    both.append(reinterpret_cast<const char*>(serial_der), static_cast<size_t>(serial_size));
  }
  OPENSSL_free(issuer_der);
  OPENSSL_free(serial_der);
  return both;
}

}  // namespace tokens
