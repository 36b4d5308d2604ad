#ifndef TOKEN_SERVICE_BASE_TLS_FILES_H_
#define TOKEN_SERVICE_BASE_TLS_FILES_H_

#include <string>

namespace tokens {

// Paths of PEM files for mutual TLS.
struct TlsFiles {
  std::string certificate;  // Our chain, leaf first.
  std::string key;          // Its private key.
  std::string peer_ca;      // Who may have signed the other side's certificate.

  bool empty() const { return certificate.empty() && key.empty() && peer_ca.empty(); }
  bool complete() const { return !certificate.empty() && !key.empty() && !peer_ca.empty(); }
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_TLS_FILES_H_
