#include "token_service/token_secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tokens {
namespace {

constexpr char kBase62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kRandomBytes = 32;
constexpr size_t kRandomDigits = 43;   // 62^43 > 2^256
constexpr size_t kChecksumDigits = 6;  // 62^6 > 2^32

// Writes the big-endian number in `bytes` as base62, most significant digit first; consumes `bytes`.
template <size_t N>
void AppendBase62(std::array<uint8_t, N>& bytes, size_t digits, std::string* text) {
  const size_t begin = text->size();
  text->resize(begin + digits);
  for (size_t i = digits; i-- > 0;) {
    unsigned remainder = 0;
    for (uint8_t& byte : bytes) {
      const unsigned value = remainder * 256 + byte;
      byte = static_cast<uint8_t>(value / 62);
      remainder = value % 62;
    }
    (*text)[begin + i] = kBase62[remainder];
  }
}

std::string Checksum(absl::string_view text) {
  const auto crc =
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
  std::array<uint8_t, 4> bytes = {static_cast<uint8_t>(crc >> 24), static_cast<uint8_t>(crc >> 16),
                                  static_cast<uint8_t>(crc >> 8), static_cast<uint8_t>(crc)};
  std::string digits;
  AppendBase62(bytes, kChecksumDigits, &digits);
  return digits;
}

// Fetching the algorithm and making a context cost three times the hash of a token.
struct Sha256Context {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Sha256Context() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
};

}  // namespace

storage::TokenDigest DigestOf(absl::string_view text) {
  thread_local Sha256Context sha256;
  std::array<uint8_t, storage::TokenDigest::kSize> digest;
  unsigned size = 0;
  if (EVP_DigestInit_ex2(sha256.context, sha256.algorithm, nullptr) != 1 ||
      EVP_DigestUpdate(sha256.context, text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(sha256.context, digest.data(), &size) != 1 || size != digest.size()) {
    std::abort();  // OpenSSL without SHA-256: nothing here can be right
  }
  return storage::TokenDigest(digest);
}

absl::StatusOr<TokenSecret> TokenSecret::Generate(absl::string_view prefix, Random& random) {
  std::array<uint8_t, kRandomBytes> bytes;
  if (absl::Status status = random.Fill(absl::MakeSpan(bytes)); !status.ok()) return status;
  std::string text;
  text.reserve(prefix.size() + kRandomDigits + kChecksumDigits);  // no reallocation leaves a copy behind
  text.append(prefix.data(), prefix.size());
  AppendBase62(bytes, kRandomDigits, &text);
  text.append(Checksum(text));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return TokenSecret(std::move(text));
}

TokenSecret::~TokenSecret() { OPENSSL_cleanse(text_.data(), text_.size()); }

storage::TokenDigest TokenSecret::Digest() const { return DigestOf(text_); }

bool IsTokenPrefix(absl::string_view prefix) {
  if (prefix.size() < 3 || prefix.size() > 13 || prefix.back() != '_' || !absl::ascii_islower(prefix.front())) {
    return false;
  }
  prefix.remove_suffix(1);
  for (const char c : prefix) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c)) return false;
  }
  return true;
}

std::optional<PresentedToken> ParsePresentedToken(absl::string_view text) {
  constexpr size_t kDigits = kRandomDigits + kChecksumDigits;
  if (text.size() <= kDigits || !IsTokenPrefix(text.substr(0, text.size() - kDigits))) return std::nullopt;
  for (const char c : text.substr(text.size() - kDigits)) {
    if (!absl::ascii_isalnum(c)) return std::nullopt;
  }
  const absl::string_view checksum = text.substr(text.size() - kChecksumDigits);
  if (Checksum(text.substr(0, text.size() - kChecksumDigits)) != checksum) return std::nullopt;
  return PresentedToken{text.substr(0, text.size() - kDigits), DigestOf(text)};
}

}  // namespace tokens
