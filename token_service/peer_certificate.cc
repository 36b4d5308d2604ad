#include "token_service/peer_certificate.h"

#include <openssl/x509v3.h>

#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "token_service/base/x509.h"

namespace tokens {
namespace {

constexpr absl::string_view kSpiffe = "spiffe://";

absl::string_view Text(const ASN1_IA5STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
}

std::vector<std::string> NamesOf(X509& certificate) {
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> entries(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(entries.get()); ++i) {
    int kind = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(entries.get(), i), &kind);
    if (kind != GEN_URI && kind != GEN_DNS) continue;
    const absl::string_view text = Text(static_cast<const ASN1_IA5STRING*>(value));
    // By their form no name of one kind can pass for one of the other.
    if (kind == GEN_URI && absl::StartsWith(text, kSpiffe)) uris.emplace_back(text);
    if (kind == GEN_DNS && !absl::StrContains(text, "/")) dns_names.push_back(absl::AsciiStrToLower(text));
  }
  for (std::string& name : dns_names) uris.push_back(std::move(name));
  return uris;
}

}  // namespace

absl::StatusOr<PeerCertificate> ParsePeerCertificate(absl::string_view pem) {
  const BioPtr bio = ReadingBio(pem);
  const CertificatePtr certificate = NextCertificate(*bio);
  if (certificate == nullptr) return absl::InvalidArgumentError("not a certificate");
  return PeerCertificate{
      NamesOf(*certificate), ToTime(X509_get0_notAfter(certificate.get())),
      IssuerAndSerial(X509_get_issuer_name(certificate.get()), X509_get0_serialNumber(certificate.get()))};
}

}  // namespace tokens
