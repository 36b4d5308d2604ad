#include "xrpc_shim/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "token_service/base/x509.h"

namespace tokens::xrpc {
namespace {

constexpr int kSecurityLevel = 2;  // OpenSSL's: 112 bits, RSA from 2048, no SHA-1
constexpr char kTls12Ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kTls13Ciphers[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr char kGroups[] = "X25519:P-256:P-384";
constexpr absl::string_view kHttp11 = "\x08http/1.1";

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyFree>;

// OpenSSL's last reason; its queue is empty afterwards.
std::string Reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown";
}

absl::Status Refused(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(what, " (", Reason(), ")"));
}

// Instead of asking at the terminal, which is OpenSSL's way.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::Status UseChain(SSL_CTX* context, absl::string_view pem) {
  const BioPtr bio = ReadingBio(pem);
  const CertificatePtr leaf(PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr));
  if (leaf == nullptr) return Refused("the certificate is not a PEM certificate");
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) return Refused("the certificate cannot be used");
  while (true) {
    const CertificatePtr next(PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr));
    if (next == nullptr) break;
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return Refused("the chain cannot be used");
  }
  const unsigned long end = ERR_peek_last_error();
  if (ERR_GET_LIB(end) != ERR_LIB_PEM || ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
    return Refused("the chain is damaged");
  }
  ERR_clear_error();
  return absl::OkStatus();
}

absl::Status UseKey(SSL_CTX* context, absl::string_view pem) {
  const BioPtr bio = ReadingBio(pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr));
  if (key == nullptr) return Refused("the key is not a PEM private key without a passphrase");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return Refused("the key does not belong to the certificate");
  }
  return absl::OkStatus();
}

// RFC 7301: a client that offers protocols, but not ours, is told so and not served.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                   unsigned int offered_size, void*) {
  unsigned char* found = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(kHttp11.data());
  if (SSL_select_next_proto(&found, size, ours, static_cast<unsigned>(kHttp11.size()), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

bool SetRules(SSL_CTX* context) {
  SSL_CTX_set_security_level(context, kSecurityLevel);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, &ChooseProtocol, nullptr);
  return SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kTls12Ciphers) == 1 &&
         SSL_CTX_set_ciphersuites(context, kTls13Ciphers) == 1 && SSL_CTX_set1_groups_list(context, kGroups) == 1;
}

}  // namespace

absl::StatusOr<TlsContext> MakeServerContext(absl::string_view chain_pem, absl::string_view key_pem) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr || !SetRules(context.get())) return absl::InternalError(absl::StrCat("TLS: ", Reason()));
  if (absl::Status status = UseChain(context.get(), chain_pem); !status.ok()) return status;
  if (absl::Status status = UseKey(context.get(), key_pem); !status.ok()) return status;
  return context;
}

absl::Time ExpiryOf(const SSL_CTX& context) {
  const X509* certificate = SSL_CTX_get0_certificate(&context);
  return certificate == nullptr ? absl::InfinitePast() : ToTime(X509_get0_notAfter(certificate));
}

}  // namespace tokens::xrpc
