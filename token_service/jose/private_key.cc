#include "token_service/jose/private_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <secp256k1.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "token_service/jose/base64url.h"
#include "token_service/jose/jwk.h"
#include "token_service/jose/sha256.h"
#include "token_service/jose/strict_json.h"

namespace tokens {
namespace {

constexpr size_t kScalarBytes = 32;
constexpr size_t kMaxKeyBytes = 16 << 10;
constexpr size_t kMaxKidBytes = 256;

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using EvpKey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using EvpKeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using SecpContext = std::unique_ptr<secp256k1_context, Deleter<secp256k1_context_destroy>>;

// Leaves the thread's OpenSSL error queue as it was: what a bad key put there must not be read later as a failure of
// some TLS connection.
class OpenSslErrorMark {
 public:
  OpenSslErrorMark() { ERR_set_mark(); }
  ~OpenSslErrorMark() { ERR_pop_to_mark(); }
  OpenSslErrorMark(const OpenSslErrorMark&) = delete;
  OpenSslErrorMark& operator=(const OpenSslErrorMark&) = delete;
};

// Bytes of a private key; wiped when destroyed.
class Scalar {
 public:
  explicit Scalar(std::string bytes) : bytes_(std::move(bytes)) {}
  ~Scalar() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
  Scalar(const Scalar&) = delete;
  Scalar& operator=(const Scalar&) = delete;
  std::string& bytes() { return bytes_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

absl::Status BadKey(absl::string_view why) { return absl::InvalidArgumentError(absl::StrCat("private key: ", why)); }

Group GroupOf(KeyCurve curve) {
  return Group(EC_GROUP_new_by_curve_name(curve == KeyCurve::kP256 ? NID_X9_62_prime256v1 : NID_secp256k1));
}

// The point of `scalar`, 65 bytes; empty if it is no private key of the group.
std::string PointOf(const EC_GROUP* group, absl::string_view scalar) {
  const Number number(BN_bin2bn(Bytes(scalar), static_cast<int>(scalar.size()), nullptr));
  const Point point(EC_POINT_new(group));
  if (number == nullptr || point == nullptr || BN_is_zero(number.get()) ||
      BN_cmp(number.get(), EC_GROUP_get0_order(group)) >= 0 ||
      EC_POINT_mul(group, point.get(), number.get(), nullptr, nullptr, nullptr) != 1) {
    return "";
  }
  std::string bytes(1 + 2 * kScalarBytes, '\0');
  const size_t size = EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, Bytes(bytes), bytes.size(),
                                         /*ctx=*/nullptr);
  return size == bytes.size() ? bytes : "";
}

EvpKey MakeP256Key(absl::string_view scalar, absl::string_view point) {
  const Number number(BN_bin2bn(Bytes(scalar), static_cast<int>(scalar.size()), nullptr));
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (number == nullptr || builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
    return nullptr;
  }
  return EvpKey(key);
}

// r‖s of 32 bytes each, S brought to the lower half of the order. Empty if `der` is no signature.
std::string ToLowSCompact(const EC_GROUP* group, absl::string_view der) {
  const unsigned char* input = Bytes(der);
  const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &input, static_cast<long>(der.size())));
  if (parsed == nullptr) return "";
  const BIGNUM* order = EC_GROUP_get0_order(group);
  const Number s(BN_dup(ECDSA_SIG_get0_s(parsed.get())));
  const Number half(BN_new());
  if (s == nullptr || half == nullptr || BN_rshift1(half.get(), order) != 1) return "";
  if (BN_cmp(s.get(), half.get()) > 0 && BN_sub(s.get(), order, s.get()) != 1) return "";
  std::string compact(2 * kScalarBytes, '\0');
  const bool good = BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), Bytes(compact), kScalarBytes) == kScalarBytes &&
                    BN_bn2binpad(s.get(), Bytes(compact) + kScalarBytes, kScalarBytes) == kScalarBytes;
  return good ? compact : "";
}

// Never asks a terminal for a passphrase.
int RefusePassphrase(char*, int, int, void*) { return -1; }

// True if member `name` is absent or is the string `wanted`.
bool AbsentOrIs(const nlohmann::json& jwk, const char* name, absl::string_view wanted) {
  const std::string* text = FindString(jwk, name);
  return text != nullptr ? *text == wanted : !jwk.contains(name);
}

bool MaySign(const nlohmann::json& jwk) {
  const auto operations = jwk.find("key_ops");
  if (operations == jwk.end()) return true;
  return operations->is_array() && std::find(operations->begin(), operations->end(), "sign") != operations->end();
}

}  // namespace

// The private half, ready to sign.
class PrivateKey::Signer {
 public:
  static std::unique_ptr<const Signer> Make(KeyCurve curve, absl::string_view scalar, absl::string_view point) {
    std::unique_ptr<Signer> signer(new Signer(std::string(scalar), GroupOf(curve)));
    if (curve == KeyCurve::kP256) {
      signer->p256_ = MakeP256Key(scalar, point);
      if (signer->p256_ == nullptr) return nullptr;
    } else {
      signer->k256_.reset(secp256k1_context_create(SECP256K1_CONTEXT_SIGN));
    }
    return signer;
  }

  std::string Sign(absl::string_view message) const { return p256_ != nullptr ? SignP256(message) : SignK256(message); }

 private:
  Signer(std::string scalar, Group group) : scalar_(std::move(scalar)), group_(std::move(group)) {}

  std::string SignP256(absl::string_view message) const {
    const std::string digest = Sha256(message);
    const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, p256_.get(), nullptr));
    size_t size = 0;
    if (context == nullptr || EVP_PKEY_sign_init(context.get()) != 1 ||
        EVP_PKEY_sign(context.get(), nullptr, &size, Bytes(digest), digest.size()) != 1) {
      return "";
    }
    std::string der(size, '\0');
    if (EVP_PKEY_sign(context.get(), Bytes(der), &size, Bytes(digest), digest.size()) != 1) return "";
    return ToLowSCompact(group_.get(), absl::string_view(der).substr(0, size));
  }

  std::string SignK256(absl::string_view message) const {
    const std::string digest = Sha256(message);
    secp256k1_ecdsa_signature signature;
    std::string compact(2 * kScalarBytes, '\0');
    // The library's signatures have a low S always.
    if (secp256k1_ecdsa_sign(k256_.get(), &signature, Bytes(digest), Bytes(scalar_.bytes()), nullptr, nullptr) != 1 ||
        secp256k1_ecdsa_signature_serialize_compact(k256_.get(), Bytes(compact), &signature) != 1) {
      return "";
    }
    return compact;
  }

  const Scalar scalar_;
  const Group group_;
  EvpKey p256_;       // Null on secp256k1.
  SecpContext k256_;  // Null on P-256.
};

PrivateKey::PrivateKey(SigningKey public_key, std::string kid, nlohmann::json public_jwk,
                       std::unique_ptr<const Signer> signer)
    : public_key_(std::move(public_key)),
      kid_(std::move(kid)),
      public_jwk_(std::move(public_jwk)),
      signer_(std::move(signer)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

absl::StatusOr<PrivateKey> PrivateKey::Parse(absl::string_view text) {
  const OpenSslErrorMark mark;
  if (text.size() > kMaxKeyBytes) return BadKey("more than 16 KiB");
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{") ? FromJwk(text) : FromPem(text);
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(absl::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return BadKey("out of memory");
  const EvpKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, RefusePassphrase, nullptr));
  if (key == nullptr) return BadKey("not PEM of an unencrypted private key, nor a JWK");
  char group[64] = {};
  size_t group_size = 0;
  if (EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &group_size) != 1) {
    return BadKey("not an EC key");
  }
  const absl::string_view name(group, group_size);
  if (name != "prime256v1" && name != "P-256" && name != "secp256k1") return BadKey("neither P-256 nor secp256k1");
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) return BadKey("no private half");
  const Number owned(number);
  Scalar scalar(std::string(kScalarBytes, '\0'));
  if (BN_bn2binpad(number, Bytes(scalar.bytes()), kScalarBytes) != kScalarBytes) return BadKey("out of range");
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (context == nullptr || EVP_PKEY_pairwise_check(context.get()) != 1) return BadKey("its halves do not fit");
  return FromScalar(name == "secp256k1" ? KeyCurve::kK256 : KeyCurve::kP256, scalar.bytes(), "");
}

absl::StatusOr<PrivateKey> PrivateKey::FromJwk(absl::string_view text) {
  absl::StatusOr<nlohmann::json> jwk = ParseStrictJson(text, {.max_bytes = kMaxKeyBytes, .max_depth = 4});
  if (!jwk.ok()) return jwk.status();
  const std::string* d = FindString(*jwk, "d");
  if (d == nullptr) return BadKey("the JWK has no private half");
  std::optional<std::string> bytes = DecodeBase64Url(*d);
  if (!bytes.has_value() || bytes->size() != kScalarBytes) return BadKey("`d` is not 32 bytes in base64url");
  const Scalar scalar(*std::move(bytes));
  const std::string* kid = FindString(*jwk, "kid");
  if (jwk->contains("kid") && (kid == nullptr || kid->empty() || kid->size() > kMaxKidBytes)) {
    return BadKey("`kid` is not a string of 1 to 256 bytes");
  }
  nlohmann::json public_half = *jwk;
  public_half.erase("d");
  public_half.erase("key_ops");  // It lists what the private half does.
  const absl::StatusOr<PublicJwk> public_jwk = ParsePublicJwk(public_half);
  if (!public_jwk.ok()) return public_jwk.status();
  if (!AbsentOrIs(*jwk, "use", "sig") || !MaySign(*jwk)) return BadKey("the JWK is not for signing");
  absl::StatusOr<PrivateKey> key =
      FromScalar(public_jwk->key.curve(), scalar.bytes(), kid != nullptr ? *kid : std::string());
  if (key.ok() && key->public_key() != public_jwk->key) return BadKey("its halves do not fit");
  return key;
}

absl::StatusOr<PrivateKey> PrivateKey::FromScalar(KeyCurve curve, absl::string_view scalar, std::string kid) {
  const Group group = GroupOf(curve);
  const std::string point = group == nullptr ? "" : PointOf(group.get(), scalar);
  if (point.empty()) return BadKey("out of range");
  nlohmann::json jwk = {{"kty", "EC"},
                        {"crv", curve == KeyCurve::kP256 ? "P-256" : "secp256k1"},
                        {"x", absl::WebSafeBase64Escape(absl::string_view(point).substr(1, kScalarBytes))},
                        {"y", absl::WebSafeBase64Escape(absl::string_view(point).substr(1 + kScalarBytes))}};
  absl::StatusOr<PublicJwk> public_jwk = ParsePublicJwk(jwk);
  if (!public_jwk.ok()) return public_jwk.status();
  if (kid.empty()) kid = public_jwk->thumbprint;
  jwk["kid"] = kid;
  jwk["alg"] = std::string(public_jwk->key.algorithm());
  jwk["use"] = "sig";
  std::unique_ptr<const Signer> signer = Signer::Make(curve, scalar, point);
  if (signer == nullptr) return absl::InternalError("private key: the library does not take it");
  return PrivateKey(std::move(public_jwk->key), std::move(kid), std::move(jwk), std::move(signer));
}

absl::StatusOr<std::string> PrivateKey::Sign(absl::string_view message) const {
  const OpenSslErrorMark mark;
  std::string signature = signer_->Sign(message);
  if (signature.empty()) return absl::InternalError("signing failed");
  return signature;
}

}  // namespace tokens
