#include "xrpc_shim/service_jwt.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "token_service/base/did.h"
#include "token_service/jose/jwt_parts.h"
#include "token_service/jose/sha256.h"
#include "token_service/jose/strict_json.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using Name = XrpcErrorName;

constexpr size_t kSignatureBytes = 64;

struct Claims {
  std::string iss;
  std::string aud;
  std::optional<std::string> lxm;
  std::optional<std::string> jti;
  absl::Time exp;
  std::optional<absl::Time> iat;
  std::optional<absl::Time> nbf;
};

// The types of the tokens that a PDS signs for other uses (RFC 9068, RFC 9449).
bool IsTypeOfAnotherToken(const nlohmann::json& header) {
  return JwtTypeIs(header, "at+jwt") || JwtTypeIs(header, "refresh+jwt") || JwtTypeIs(header, "dpop+jwt");
}

absl::Status CheckHeader(const nlohmann::json& header) {
  if (!JwtAlgorithm(header).has_value()) return XrpcError(Name::kBadJwt);
  if (header.contains("typ") && FindString(header, "typ") == nullptr) return XrpcError(Name::kBadJwt);
  if (IsTypeOfAnotherToken(header)) return XrpcError(Name::kBadJwtType);
  if (header.contains("kid")) {
    const std::string* kid = FindString(header, "kid");
    if (kid == nullptr || *kid != "#atproto") return XrpcError(Name::kBadJwt);
  }
  return absl::OkStatus();
}

std::optional<Claims> ReadClaims(const nlohmann::json& payload) {
  std::optional<std::string> iss;
  std::optional<std::string> aud;
  std::optional<absl::Time> exp;
  Claims claims;
  const bool types_fit = ReadStringClaim(payload, "iss", iss) && ReadStringClaim(payload, "aud", aud) &&
                         ReadStringClaim(payload, "lxm", claims.lxm) && ReadStringClaim(payload, "jti", claims.jti) &&
                         ReadTimeClaim(payload, "exp", exp) && ReadTimeClaim(payload, "iat", claims.iat) &&
                         ReadTimeClaim(payload, "nbf", claims.nbf);
  if (!types_fit || !iss.has_value() || !aud.has_value() || !exp.has_value()) return std::nullopt;
  if (claims.jti.has_value() && claims.jti->empty()) return std::nullopt;
  claims.iss = *std::move(iss);
  claims.aud = *std::move(aud);
  claims.exp = *exp;
  return claims;
}

absl::Status CheckTimes(const Claims& claims, absl::Time now) {
  if (now >= claims.exp) return XrpcError(Name::kJwtExpired);
  const absl::Duration longest = kMaxServiceJwtLife + kServiceJwtSkew;
  if (claims.exp - now > longest) return XrpcError(Name::kJwtTooOld);
  if (claims.iat.has_value() && now - *claims.iat > longest) return XrpcError(Name::kJwtTooOld);
  const absl::Time latest_start = now + kServiceJwtSkew;
  if (claims.iat.has_value() && *claims.iat > latest_start) return XrpcError(Name::kJwtNotYetValid);
  if (claims.nbf.has_value() && *claims.nbf > latest_start) return XrpcError(Name::kJwtNotYetValid);
  return absl::OkStatus();
}

absl::Status CheckClaims(const Claims& claims, const std::vector<std::string>& audiences, absl::string_view lxm,
                         absl::Time now) {
  if (absl::Status times = CheckTimes(claims, now); !times.ok()) return times;
  if (std::find(audiences.begin(), audiences.end(), claims.aud) == audiences.end()) {
    return XrpcError(Name::kBadJwtAudience);
  }
  if (!claims.lxm.has_value() || *claims.lxm != lxm) return XrpcError(Name::kBadJwtLexiconMethod);
  if (!IsAtprotoDid(claims.iss)) return XrpcError(Name::kBadJwtIss);
  return absl::OkStatus();
}

// A resolver's error as the caller of the method sees it. Whatever is not a clear "no such account" is our side's
// failure: a 401 would make clients throw good credentials away.
absl::Status ResolutionError(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound: return XrpcError(Name::kBadJwtIss);
    case absl::StatusCode::kDeadlineExceeded: return XrpcError(Name::kUpstreamTimeout);
    default: return XrpcError(Name::kUpstreamFailure);
  }
}

// Tries the document at hand first; the account may have changed its key since.
absl::Status CheckSignature(const JwtParts& parts, const std::string& did, const ResolveDid& resolve) {
  if (parts.signature.size() != kSignatureBytes) return XrpcError(Name::kBadJwtSignature);
  const absl::StatusOr<DidDocument> cached = resolve(did, Freshness::kCached);
  if (!cached.ok()) return ResolutionError(cached.status());
  if (JwtSignatureFits(parts, cached->signing_key)) return absl::OkStatus();

  const absl::StatusOr<DidDocument> fresh = resolve(did, Freshness::kForced);
  if (!fresh.ok()) return ResolutionError(fresh.status());
  const bool key_changed = !(fresh->signing_key == cached->signing_key);
  if (key_changed && JwtSignatureFits(parts, fresh->signing_key)) return absl::OkStatus();
  return XrpcError(Name::kBadJwtSignature);
}

// The two kinds of source are kept apart by their first letter. Hashed, so that a `jti` of any length and content fits.
std::string SingleUseId(const std::optional<std::string>& jti, absl::string_view signed_part) {
  const std::string source = jti.has_value() ? absl::StrCat("j", *jti) : absl::StrCat("s", signed_part);
  return absl::BytesToHexString(Sha256(source));
}

}  // namespace

ServiceJwtVerifier::ServiceJwtVerifier(std::vector<std::string> audiences, ResolveDid resolve)
    : audiences_(std::move(audiences)), resolve_(std::move(resolve)) {}

absl::StatusOr<ServiceJwt> ServiceJwtVerifier::Verify(absl::string_view jwt, absl::string_view lxm,
                                                      absl::Time now) const {
  const std::optional<JwtParts> parts = TakeJwtApart(jwt, kMaxServiceJwtBytes);
  if (!parts.has_value()) return XrpcError(Name::kBadJwt);
  if (absl::Status header = CheckHeader(parts->header); !header.ok()) return header;
  const std::optional<Claims> claims = ReadClaims(parts->payload);
  if (!claims.has_value()) return XrpcError(Name::kBadJwt);
  if (absl::Status fit = CheckClaims(*claims, audiences_, lxm, now); !fit.ok()) return fit;
  if (absl::Status signature = CheckSignature(*parts, claims->iss, resolve_); !signature.ok()) return signature;
  return ServiceJwt{claims->iss, SingleUseId(claims->jti, parts->signed_part), claims->exp};
}

}  // namespace tokens::xrpc
