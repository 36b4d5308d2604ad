#include "xrpc_shim/dpop_proof.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "token_service/jose/jwk.h"
#include "token_service/jose/jwt_parts.h"
#include "token_service/jose/sha256.h"
#include "token_service/jose/strict_json.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

constexpr size_t kMaxProofBytes = 4096;
constexpr size_t kMaxJtiBytes = 256;

struct Claims {
  std::string jti;
  std::string htm;
  std::string htu;
  std::string ath;
  absl::Time iat;
  std::optional<std::string> nonce;
};

absl::Status Refuse(absl::string_view why) { return XrpcError(XrpcErrorName::kInvalidDpopProof, why); }

std::optional<Claims> ReadClaims(const nlohmann::json& payload) {
  std::optional<std::string> jti;
  std::optional<std::string> htm;
  std::optional<std::string> htu;
  std::optional<std::string> ath;
  std::optional<absl::Time> iat;
  Claims claims;
  const bool types_fit = ReadStringClaim(payload, "jti", jti) && ReadStringClaim(payload, "htm", htm) &&
                         ReadStringClaim(payload, "htu", htu) && ReadStringClaim(payload, "ath", ath) &&
                         ReadStringClaim(payload, "nonce", claims.nonce) && ReadTimeClaim(payload, "iat", iat);
  if (!types_fit || !jti.has_value() || !htm.has_value() || !htu.has_value() || !ath.has_value() || !iat.has_value()) {
    return std::nullopt;
  }
  claims.jti = *std::move(jti);
  claims.htm = *std::move(htm);
  claims.htu = *std::move(htu);
  claims.ath = *std::move(ath);
  claims.iat = *iat;
  return claims;
}

// The key in the header, if the header is that of a proof and the key signed it.
absl::StatusOr<PublicJwk> SigningKeyOf(const JwtParts& parts) {
  if (!JwtTypeIs(parts.header, "dpop+jwt")) return Refuse("typ is not dpop+jwt");
  if (!JwtAlgorithm(parts.header).has_value()) return Refuse("unsupported algorithm");
  const auto jwk = parts.header.find("jwk");
  if (jwk == parts.header.end()) return Refuse("no jwk");
  absl::StatusOr<PublicJwk> key = ParsePublicJwk(*jwk);
  if (!key.ok()) return Refuse("jwk is not a usable public key");
  if (!JwtSignatureFits(parts, key->key)) return Refuse("the signature is not that of its jwk");
  return key;
}

absl::Status CheckClaims(const Claims& claims, absl::string_view access_token, absl::Time now) {
  if (claims.jti.empty() || claims.jti.size() > kMaxJtiBytes) return Refuse("jti is empty or too long");
  if (claims.iat < now - kDpopProofWindow || claims.iat > now + kDpopProofWindow) return Refuse("iat is not now");
  if (claims.ath != absl::WebSafeBase64Escape(Sha256(access_token))) return Refuse("ath is not of this access token");
  return absl::OkStatus();
}

}  // namespace

DpopVerifier::DpopVerifier(absl::string_view public_url, const DpopNonces& nonces)
    : origin_(absl::StripSuffix(NormalizeHttpUrl(public_url), "/")), nonces_(nonces) {}

absl::StatusOr<DpopProof> DpopVerifier::Verify(const HttpRequest& request, absl::string_view access_token,
                                               absl::Time now) const {
  const HeaderLookup field = FindHeader(request.headers, "dpop");
  if (field.count == 0) return Refuse("no DPoP field");
  if (field.count > 1) return Refuse("more than one DPoP field");
  const std::optional<JwtParts> parts = TakeJwtApart(field.value, kMaxProofBytes);
  if (!parts.has_value()) return Refuse("not a JWT");
  const absl::StatusOr<PublicJwk> key = SigningKeyOf(*parts);
  if (!key.ok()) return key.status();
  const std::optional<Claims> claims = ReadClaims(parts->payload);
  if (!claims.has_value()) return Refuse("a claim is missing or of the wrong type");
  if (claims->htm != request.method) return Refuse("htm is not the method of this request");
  if (NormalizeHttpUrl(claims->htu) != absl::StrCat(origin_, request.path)) return Refuse("htu is not this URL");
  if (absl::Status fit = CheckClaims(*claims, access_token, now); !fit.ok()) return fit;
  if (!claims->nonce.has_value() || !nonces_.IsFresh(*claims->nonce, now)) {
    return XrpcError(XrpcErrorName::kUseDpopNonce);
  }
  // Apart from the ids of service JWTs by its first letter.
  const std::string id = Sha256(absl::StrCat("d", key->thumbprint, ".", claims->jti));
  return DpopProof{key->thumbprint, absl::BytesToHexString(id), claims->iat + kDpopProofWindow};
}

std::string NormalizeHttpUrl(absl::string_view url) {
  const size_t scheme_end = url.find("://");
  if (scheme_end == absl::string_view::npos) return "";
  const std::string scheme = absl::AsciiStrToLower(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return "";
  url = url.substr(0, std::min(url.find_first_of("?#"), url.size()));
  if (url.size() < scheme_end + 3) return "";
  const absl::string_view rest = url.substr(scheme_end + 3);
  const size_t path = std::min(rest.find('/'), rest.size());
  const std::string authority = absl::AsciiStrToLower(rest.substr(0, path));
  if (authority.empty() || authority.find('@') != std::string::npos) return "";
  const absl::string_view host = absl::StripSuffix(authority, scheme == "https" ? ":443" : ":80");
  return absl::StrCat(scheme, "://", host, path == rest.size() ? "/" : rest.substr(path));
}

}  // namespace tokens::xrpc
