#include "tests/support/test_signer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "token_service/jose/base58.h"

namespace tokens::testing {
namespace {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

void Must(bool succeeded, const char* what) {
  if (succeeded) return;
  std::fprintf(stderr, "TestSigner: %s failed\n", what);
  std::abort();
}

const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Group MakeGroup(KeyCurve curve) {
  Group group(EC_GROUP_new_by_curve_name(curve == KeyCurve::kP256 ? NID_X9_62_prime256v1 : NID_secp256k1));
  Must(group != nullptr, "EC_GROUP_new_by_curve_name");
  return group;
}

BigNumber MakeNumber(absl::string_view bytes) {
  return BigNumber(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key MakeKey(KeyCurve curve, absl::string_view private_key, absl::string_view point) {
  const BigNumber scalar = MakeNumber(private_key);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                  curve == KeyCurve::kP256 ? "P-256" : "secp256k1", 0);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  Must(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) == 1, "EVP_PKEY_fromdata");
  return Key(key);
}

std::string DerSignature(EVP_PKEY* key, absl::string_view message) {
  const DigestContext context(EVP_MD_CTX_new());
  size_t size = 0;
  Must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1, "EVP_DigestSignInit");
  Must(EVP_DigestSign(context.get(), nullptr, &size, Bytes(message), message.size()) == 1, "EVP_DigestSign");
  std::string der(size, '\0');
  Must(EVP_DigestSign(context.get(), Bytes(der), &size, Bytes(message), message.size()) == 1, "EVP_DigestSign");
  der.resize(size);
  return der;
}

// r‖s, 32 bytes each. (r, s) and (r, n-s) are both signatures; `high_s` says which of them is wanted.
std::string ToCompact(KeyCurve curve, absl::string_view der, bool high_s) {
  const unsigned char* input = Bytes(der);
  const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &input, static_cast<long>(der.size())));
  Must(parsed != nullptr, "d2i_ECDSA_SIG");
  const Group group = MakeGroup(curve);
  const BIGNUM* order = EC_GROUP_get0_order(group.get());
  const BigNumber half(BN_new());
  const BigNumber s(BN_dup(ECDSA_SIG_get0_s(parsed.get())));
  BN_rshift1(half.get(), order);
  const bool is_high = BN_cmp(s.get(), half.get()) > 0;
  if (is_high != high_s) BN_sub(s.get(), order, s.get());
  std::string compact(64, '\0');
  Must(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), Bytes(compact), 32) == 32, "BN_bn2binpad");
  Must(BN_bn2binpad(s.get(), Bytes(compact) + 32, 32) == 32, "BN_bn2binpad");
  return compact;
}

const char* TypeName(const TestSigner& signer, KeyForm form) {
  if (form == KeyForm::kMultikey) return "Multikey";
  return signer.algorithm() == "ES256" ? "EcdsaSecp256r1VerificationKey2019" : "EcdsaSecp256k1VerificationKey2019";
}

}  // namespace

TestSigner::TestSigner(KeyCurve curve, std::string private_key, std::string point)
    : curve_(curve), private_key_(std::move(private_key)), point_(std::move(point)) {}

TestSigner TestSigner::Generate(KeyCurve curve) {
  std::string private_key(32, '\0');
  Must(RAND_bytes(Bytes(private_key), 32) == 1, "RAND_bytes");
  private_key[0] = static_cast<char>(private_key[0] & 0x7f);  // Below the order of either curve.
  return FromPrivateKey(curve, private_key);
}

TestSigner TestSigner::FromPrivateKey(KeyCurve curve, absl::string_view private_key) {
  const Group group = MakeGroup(curve);
  const Point product(EC_POINT_new(group.get()));
  const BigNumber scalar = MakeNumber(private_key);
  Must(EC_POINT_mul(group.get(), product.get(), scalar.get(), nullptr, nullptr, nullptr) == 1, "EC_POINT_mul");
  std::string point(65, '\0');
  Must(EC_POINT_point2oct(group.get(), product.get(), POINT_CONVERSION_UNCOMPRESSED, Bytes(point), 65, nullptr) == 65,
       "EC_POINT_point2oct");
  return TestSigner(curve, std::string(private_key), std::move(point));
}

std::string TestSigner::algorithm() const { return curve_ == KeyCurve::kP256 ? "ES256" : "ES256K"; }

std::string TestSigner::DidKey() const { return absl::StrCat("did:key:", Multibase(KeyForm::kMultikey)); }

std::string TestSigner::Multibase(KeyForm form) const {
  if (form == KeyForm::kLegacyUncompressed) return absl::StrCat("z", EncodeBase58(point_));
  const bool y_is_odd = (point_.back() & 1) != 0;
  const std::string compressed = absl::StrCat(y_is_odd ? "\x03" : "\x02", point_.substr(1, 32));
  if (form == KeyForm::kLegacyCompressed) return absl::StrCat("z", EncodeBase58(compressed));
  return absl::StrCat("z", EncodeBase58(absl::StrCat(curve_ == KeyCurve::kP256 ? "\x80\x24" : "\xe7\x01", compressed)));
}

nlohmann::json TestSigner::Jwk() const {
  return {{"kty", "EC"},
          {"crv", curve_ == KeyCurve::kP256 ? "P-256" : "secp256k1"},
          {"x", absl::WebSafeBase64Escape(point_.substr(1, 32))},
          {"y", absl::WebSafeBase64Escape(point_.substr(33))}};
}

std::string TestSigner::Sign(absl::string_view message) const {
  return ToCompact(curve_, SignDer(message), /*high_s=*/false);
}

std::string TestSigner::SignHighS(absl::string_view message) const {
  return ToCompact(curve_, SignDer(message), /*high_s=*/true);
}

std::string TestSigner::SignDer(absl::string_view message) const {
  return DerSignature(MakeKey(curve_, private_key_, point_).get(), message);
}

nlohmann::json MakeDidDocument(absl::string_view did, const TestSigner& signer, KeyForm form) {
  const std::string id(did);
  return {{"@context", {"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"}},
          {"id", id},
          {"alsoKnownAs", {"at://alice.test"}},
          {"verificationMethod",
           {{{"id", absl::StrCat(id, "#atproto")},
             {"type", TypeName(signer, form)},
             {"controller", id},
             {"publicKeyMultibase", signer.Multibase(form)}}}},
          {"service",
           {{{"id", "#atproto_pds"},
             {"type", "AtprotoPersonalDataServer"},
             {"serviceEndpoint", "https://pds.example.com"}}}}};
}

std::string MakeJwt(const TestSigner& signer, absl::string_view header, absl::string_view payload) {
  const std::string signed_part =
      absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(payload));
  return absl::StrCat(signed_part, ".", absl::WebSafeBase64Escape(signer.Sign(signed_part)));
}

std::string MakeJwt(const TestSigner& signer, const nlohmann::json& payload) {
  return MakeJwt(signer, nlohmann::json{{"typ", "JWT"}, {"alg", signer.algorithm()}}.dump(), payload.dump());
}

}  // namespace tokens::testing
