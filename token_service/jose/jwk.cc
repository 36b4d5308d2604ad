#include "token_service/jose/jwk.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "token_service/jose/base64url.h"
#include "token_service/jose/sha256.h"
#include "token_service/jose/strict_json.h"

namespace tokens {
namespace {

constexpr const char* kPrivateMembers[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

absl::Status NotUsable(const char* why) { return absl::InvalidArgumentError(absl::StrCat("JWK: ", why)); }

std::optional<KeyCurve> CurveNamed(const std::string* crv) {
  if (crv == nullptr) return std::nullopt;
  if (*crv == "P-256") return KeyCurve::kP256;
  if (*crv == "secp256k1") return KeyCurve::kK256;
  return std::nullopt;
}

// True if member `name` is absent or is the string `wanted`.
bool AbsentOrIs(const nlohmann::json& jwk, const char* name, absl::string_view wanted) {
  const std::string* text = FindString(jwk, name);
  return text != nullptr ? *text == wanted : !jwk.contains(name);
}

bool MayVerify(const nlohmann::json& jwk) {
  const auto operations = jwk.find("key_ops");
  if (operations == jwk.end()) return true;
  return operations->is_array() && std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

}  // namespace

bool HasPrivatePart(const nlohmann::json& jwk) {
  return std::any_of(std::begin(kPrivateMembers), std::end(kPrivateMembers),
                     [&jwk](const char* member) { return jwk.contains(member); });
}

absl::StatusOr<PublicJwk> ParsePublicJwk(const nlohmann::json& jwk) {
  const std::string* kty = FindString(jwk, "kty");
  if (kty == nullptr || *kty != "EC") return NotUsable("not an EC key");
  if (HasPrivatePart(jwk)) return NotUsable("it has a private part");
  const std::string* crv = FindString(jwk, "crv");
  const std::optional<KeyCurve> curve = CurveNamed(crv);
  const std::string* x = FindString(jwk, "x");
  const std::string* y = FindString(jwk, "y");
  if (!curve.has_value() || x == nullptr || y == nullptr) return NotUsable("unknown curve or no coordinates");
  const std::optional<std::string> x_bytes = DecodeBase64Url(*x);
  const std::optional<std::string> y_bytes = DecodeBase64Url(*y);
  if (!x_bytes.has_value() || !y_bytes.has_value()) return NotUsable("coordinates are not base64url");
  absl::StatusOr<SigningKey> key = SigningKey::FromCoordinates(*curve, *x_bytes, *y_bytes);
  if (!key.ok()) return key.status();
  if (!AbsentOrIs(jwk, "use", "sig") || !AbsentOrIs(jwk, "alg", key->algorithm()) || !MayVerify(jwk)) {
    return NotUsable("not for verifying signatures");
  }
  // The required members in the order of their names, without white space (RFC 7638 §3). None needs escaping.
  const std::string canonical =
      absl::StrCat(R"({"crv":")", *crv, R"(","kty":"EC","x":")", *x, R"(","y":")", *y, R"("})");
  return PublicJwk{*std::move(key), absl::WebSafeBase64Escape(Sha256(canonical))};
}

}  // namespace tokens
