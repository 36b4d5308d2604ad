#include "xrpc_shim/dpop_nonce.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "token_service/base/read_file.h"

namespace tokens::xrpc {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr size_t kMaxSecretBytes = 1024;

bool SameText(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

int64_t StepOf(absl::Time now) {
  absl::Duration within_step;
  return absl::IDivDuration(now - absl::UnixEpoch(), kDpopNonceStep, &within_step);
}

}  // namespace

absl::StatusOr<DpopNonces> DpopNonces::Create(Random& random) {
  std::string secret(kSecretBytes, '\0');
  const absl::Status filled = random.Fill(absl::MakeSpan(reinterpret_cast<uint8_t*>(secret.data()), secret.size()));
  if (!filled.ok()) return filled;
  return DpopNonces(std::move(secret));
}

absl::StatusOr<DpopNonces> DpopNonces::FromFile(const std::string& path) {
  absl::StatusOr<std::string> secret = ReadFile(path, kMaxSecretBytes);
  if (!secret.ok()) return secret.status();
  if (secret->size() < kSecretBytes) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": shorter than ", kSecretBytes, " bytes"));
  }
  return DpopNonces(*std::move(secret));
}

std::string DpopNonces::Current(absl::Time now) const { return NonceOf(StepOf(now)); }

bool DpopNonces::IsFresh(absl::string_view nonce, absl::Time now) const {
  const int64_t step = StepOf(now);
  return SameText(nonce, NonceOf(step)) || SameText(nonce, NonceOf(step - 1)) || SameText(nonce, NonceOf(step + 1));
}

std::string DpopNonces::NonceOf(int64_t step) const {
  const std::string message = absl::StrCat("dpop-nonce ", step);
  std::string mac(SHA256_DIGEST_LENGTH, '\0');
  unsigned int size = 0;
  // Fails only where memory has run out, and then must not give a nonce that anyone could guess.
  if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(),
           reinterpret_cast<unsigned char*>(mac.data()), &size) == nullptr) {
    std::abort();
  }
  return absl::WebSafeBase64Escape(mac);
}

void OfferDpopNonce(const DpopNonces& nonces, absl::Time now, HttpResponse* response) {
  response->headers.emplace_back("DPoP-Nonce", nonces.Current(now));
}

void OfferDpopScheme(HttpResponse* response) {
  if (FindHeader(response->headers, "WWW-Authenticate").value != "Bearer") return;
  response->headers.emplace_back("WWW-Authenticate", "DPoP algs=\"ES256 ES256K\"");
}

}  // namespace tokens::xrpc
