#include "token_service/jose/signing_key.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <secp256k1.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "token_service/jose/base58.h"

namespace tokens {
namespace {

constexpr size_t kScalarBytes = 32;
constexpr size_t kSignatureBytes = 2 * kScalarBytes;
constexpr size_t kCompressedBytes = 1 + kScalarBytes;
constexpr size_t kUncompressedBytes = 1 + 2 * kScalarBytes;

// Multicodec prefixes, as varints (https://github.com/multiformats/multicodec: p256-pub 0x1200, secp256k1-pub 0xe7).
constexpr absl::string_view kP256Codec = "\x80\x24";
constexpr absl::string_view kK256Codec = "\xe7\x01";

// (n - 1) / 2 for P-256: the greatest S that counts as low (FIPS 186-4 D.1.2.3 gives n).
constexpr unsigned char kP256MaxLowS[kScalarBytes] = {0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff,
                                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b,
                                                      0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using EvpKey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using EvpKeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

// Leaves the thread's OpenSSL error queue as it was: what a stranger's key put there must not be read later as a
// failure of some TLS connection.
class OpenSslErrorMark {
 public:
  OpenSslErrorMark() { ERR_set_mark(); }
  ~OpenSslErrorMark() { ERR_pop_to_mark(); }
  OpenSslErrorMark(const OpenSslErrorMark&) = delete;
  OpenSslErrorMark& operator=(const OpenSslErrorMark&) = delete;
};

const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

absl::Status NotAKey() { return absl::InvalidArgumentError("not a usable public key"); }

// Refuses the encodings that both libraries take besides these two: the hybrid forms 06 and 07, and infinity.
bool IsPointEncoding(absl::string_view point) {
  if (point.size() == kCompressedBytes) return point.front() == '\x02' || point.front() == '\x03';
  return point.size() == kUncompressedBytes && point.front() == '\x04';
}

// The same point in 33 bytes: the parity of y stands for y (SEC 1 §2.3.3).
std::string Compress(absl::string_view point) {
  if (point.size() == kCompressedBytes) return std::string(point);
  const bool y_is_odd = (point.back() & 1) != 0;
  return absl::StrCat(y_is_odd ? "\x03" : "\x02", point.substr(1, kScalarBytes));
}

// Null if `point` is not on the curve, which OpenSSL checks here.
EvpKey MakeP256Key(absl::string_view point) {
  char group[] = "P-256";
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<char*>(point.data()), point.size()),
      OSSL_PARAM_construct_end()};
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    return nullptr;
  }
  return EvpKey(key);
}

std::optional<secp256k1_pubkey> MakeK256Key(absl::string_view point) {
  secp256k1_pubkey key;
  if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &key, Bytes(point), point.size()) != 1) return std::nullopt;
  return key;
}

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

// DER, the only form OpenSSL verifies. Empty if memory ran out.
std::string ToDer(absl::string_view signature) {
  const EcdsaSignature parsed(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(Bytes(signature), kScalarBytes, nullptr);
  BIGNUM* s = BN_bin2bn(Bytes(signature.substr(kScalarBytes)), kScalarBytes, nullptr);
  if (parsed == nullptr || ECDSA_SIG_set0(parsed.get(), r, s) != 1) {  // Takes r and s over, if it succeeds.
    BN_free(r);
    BN_free(s);
    return "";
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parsed.get(), &der);
  std::string text(reinterpret_cast<const char*>(der), size < 0 ? 0 : static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

// OpenSSL refuses r and s outside [1, n-1] and takes either S.
bool VerifyP256(absl::string_view point, const Digest& digest, absl::string_view signature, SignatureRule rule) {
  const absl::string_view max_low_s(reinterpret_cast<const char*>(kP256MaxLowS), kScalarBytes);
  // string_view compares as unsigned bytes, so this is the comparison of big-endian numbers.
  if (rule == SignatureRule::kLowSOnly && signature.substr(kScalarBytes) > max_low_s) return false;
  const EvpKey key = MakeP256Key(point);
  if (key == nullptr) return false;
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  const std::string der = ToDer(signature);
  return context != nullptr && !der.empty() && EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_verify(context.get(), Bytes(der), der.size(), digest.data(), digest.size()) == 1;
}

// libsecp256k1 refuses r and s outside [1, n-1] and a high S.
bool VerifyK256(absl::string_view point, const Digest& digest, absl::string_view signature, SignatureRule rule) {
  const std::optional<secp256k1_pubkey> key = MakeK256Key(point);
  secp256k1_ecdsa_signature parsed;
  if (!key.has_value() ||
      secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &parsed, Bytes(signature)) != 1) {
    return false;
  }
  if (rule == SignatureRule::kAnyS) {
    secp256k1_ecdsa_signature_normalize(secp256k1_context_static, &parsed, &parsed);
  }
  return secp256k1_ecdsa_verify(secp256k1_context_static, &parsed, digest.data(), &*key) == 1;
}

}  // namespace

absl::StatusOr<SigningKey> SigningKey::FromDidKey(absl::string_view did_key) {
  if (!absl::ConsumePrefix(&did_key, "did:key:")) return NotAKey();
  return FromMultikey(did_key);
}

absl::StatusOr<SigningKey> SigningKey::FromMultikey(absl::string_view multibase) {
  if (!absl::ConsumePrefix(&multibase, "z")) return NotAKey();
  const std::optional<std::string> bytes = DecodeBase58(multibase);
  if (!bytes.has_value()) return NotAKey();
  absl::string_view point = *bytes;
  const bool is_p256 = absl::ConsumePrefix(&point, kP256Codec);
  const bool is_k256 = !is_p256 && absl::ConsumePrefix(&point, kK256Codec);
  if ((!is_p256 && !is_k256) || point.size() != kCompressedBytes) return NotAKey();
  return FromPoint(is_p256 ? KeyCurve::kP256 : KeyCurve::kK256, point);
}

absl::StatusOr<SigningKey> SigningKey::FromLegacyMultibase(KeyCurve curve, absl::string_view multibase) {
  if (!absl::ConsumePrefix(&multibase, "z")) return NotAKey();
  const std::optional<std::string> point = DecodeBase58(multibase);
  if (!point.has_value()) return NotAKey();
  return FromPoint(curve, *point);
}

absl::StatusOr<SigningKey> SigningKey::FromCoordinates(KeyCurve curve, absl::string_view x, absl::string_view y) {
  if (x.size() != kScalarBytes || y.size() != kScalarBytes) return NotAKey();
  return FromPoint(curve, absl::StrCat("\x04", x, y));
}

absl::StatusOr<SigningKey> SigningKey::FromPoint(KeyCurve curve, absl::string_view point) {
  if (!IsPointEncoding(point)) return NotAKey();
  const OpenSslErrorMark mark;
  const bool on_curve = curve == KeyCurve::kP256 ? MakeP256Key(point) != nullptr : MakeK256Key(point).has_value();
  if (!on_curve) return NotAKey();
  return SigningKey(curve, Compress(point));
}

absl::string_view SigningKey::algorithm() const { return curve_ == KeyCurve::kP256 ? "ES256" : "ES256K"; }

std::string SigningKey::ToDidKey() const {
  const absl::string_view codec = curve_ == KeyCurve::kP256 ? kP256Codec : kK256Codec;
  return absl::StrCat("did:key:z", EncodeBase58(absl::StrCat(codec, compressed_)));
}

bool SigningKey::Verify(absl::string_view message, absl::string_view signature, SignatureRule rule) const {
  if (signature.size() != kSignatureBytes) return false;
  const OpenSslErrorMark mark;
  Digest digest;
  SHA256(Bytes(message), message.size(), digest.data());
  return curve_ == KeyCurve::kP256 ? VerifyP256(compressed_, digest, signature, rule)
                                   : VerifyK256(compressed_, digest, signature, rule);
}

}  // namespace tokens
