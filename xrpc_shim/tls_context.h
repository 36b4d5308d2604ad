#ifndef XRPC_SHIM_TLS_CONTEXT_H_
#define XRPC_SHIM_TLS_CONTEXT_H_

#include <openssl/ssl.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tokens::xrpc {

struct SslFree {
  void operator()(SSL* session) const { SSL_free(session); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsSession = std::unique_ptr<SSL, SslFree>;
using TlsContext = std::unique_ptr<SSL_CTX, SslFree>;

// The rules by which the shim speaks TLS as a server, with the certificate chain (leaf first) and the private key of
// these PEM texts: TLS 1.3, or 1.2 with ECDHE and an AEAD cipher; HTTP/1.1 alone by ALPN, and for clients without ALPN;
// no renegotiation, no compression, and neither session tickets nor a session cache: whoever gets the key later cannot
// read what was recorded before, and every new connection is shown the certificate in use. Clients are not asked for
// certificates. INVALID_ARGUMENT if chain or key is none, has a passphrase or is too weak, or they do not belong
// together; the text says which, and nothing of the key.
absl::StatusOr<TlsContext> MakeServerContext(absl::string_view chain_pem, absl::string_view key_pem);

// When the certificate of a context that MakeServerContext made ends.
absl::Time ExpiryOf(const SSL_CTX& context);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_TLS_CONTEXT_H_
