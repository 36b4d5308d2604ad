#include "xrpc_shim/service_jwt.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "token_service/base/did.h"
#include "xrpc_shim/base64url.h"
#include "xrpc_shim/strict_json.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using Name = XrpcErrorName;

constexpr JsonLimits kPartLimits = {.max_bytes = kMaxServiceJwtBytes, .max_depth = 8};
constexpr size_t kSignatureBytes = 64;

// A JWT taken apart, with nothing judged yet. The view is into the text it was made from.
struct JwtParts {
  nlohmann::json header;
  nlohmann::json payload;
  std::string signature;
  absl::string_view signed_part;  // "header.payload", as sent.
};

struct Claims {
  std::string iss;
  std::string aud;
  std::optional<std::string> lxm;
  std::optional<std::string> jti;
  absl::Time exp;
  std::optional<absl::Time> iat;
  std::optional<absl::Time> nbf;
};

std::optional<nlohmann::json> DecodeObject(absl::string_view part) {
  const std::optional<std::string> text = DecodeBase64Url(part);
  if (!text.has_value()) return std::nullopt;
  absl::StatusOr<nlohmann::json> value = ParseStrictJson(*text, kPartLimits);
  if (!value.ok() || !value->is_object()) return std::nullopt;
  return *std::move(value);
}

std::optional<JwtParts> TakeApart(absl::string_view jwt) {
  if (jwt.size() > kMaxServiceJwtBytes) return std::nullopt;
  const std::vector<absl::string_view> texts = absl::StrSplit(jwt, absl::MaxSplits('.', 3));
  if (texts.size() != 3 || texts[2].empty()) return std::nullopt;
  std::optional<nlohmann::json> header = DecodeObject(texts[0]);
  std::optional<nlohmann::json> payload = DecodeObject(texts[1]);
  std::optional<std::string> signature = DecodeBase64Url(texts[2]);
  if (!header.has_value() || !payload.has_value() || !signature.has_value()) return std::nullopt;
  return JwtParts{*std::move(header), *std::move(payload), *std::move(signature),
                  jwt.substr(0, jwt.size() - texts[2].size() - 1)};
}

// The types of the tokens that a PDS signs for other uses (RFC 9068, RFC 9449). Media types have no letter case, and
// "application/" may be left out (RFC 7515 §4.1.9).
bool IsTypeOfAnotherToken(absl::string_view typ) {
  const std::string lower = absl::AsciiStrToLower(typ);
  const absl::string_view type = absl::StripPrefix(lower, "application/");
  return type == "at+jwt" || type == "refresh+jwt" || type == "dpop+jwt";
}

absl::Status CheckHeader(const nlohmann::json& header) {
  const std::string* alg = FindString(header, "alg");
  if (alg == nullptr || (*alg != "ES256" && *alg != "ES256K")) return XrpcError(Name::kBadJwt);
  if (header.contains("typ")) {
    const std::string* typ = FindString(header, "typ");
    if (typ == nullptr) return XrpcError(Name::kBadJwt);
    if (IsTypeOfAnotherToken(*typ)) return XrpcError(Name::kBadJwtType);
  }
  // `crit` names extensions that must be understood (RFC 7515 §4.1.11), and we understand none.
  if (header.contains("crit")) return XrpcError(Name::kBadJwt);
  if (header.contains("kid")) {
    const std::string* kid = FindString(header, "kid");
    if (kid == nullptr || *kid != "#atproto") return XrpcError(Name::kBadJwt);
  }
  return absl::OkStatus();
}

// The claim `name`. False if it is there and not a string.
bool ReadString(const nlohmann::json& payload, const char* name, std::optional<std::string>& value) {
  const std::string* text = FindString(payload, name);
  if (text != nullptr) value = *text;
  return text != nullptr || !payload.contains(name);
}

// The claim `name`, in seconds since 1970, with or without a fraction (RFC 7519 §2, NumericDate). False if it is there
// and not a number. A number beyond all calendars becomes an infinite past or future.
bool ReadTime(const nlohmann::json& payload, const char* name, std::optional<absl::Time>& value) {
  const auto claim = payload.find(name);
  if (claim == payload.end()) return true;
  if (!claim->is_number()) return false;
  // A double holds every whole second of the calendar, and Abseil turns what it cannot hold into an infinity.
  value = absl::UnixEpoch() + absl::Seconds(claim->get<double>());
  return true;
}

std::optional<Claims> ReadClaims(const nlohmann::json& payload) {
  std::optional<std::string> iss;
  std::optional<std::string> aud;
  std::optional<absl::Time> exp;
  Claims claims;
  const bool types_fit = ReadString(payload, "iss", iss) && ReadString(payload, "aud", aud) &&
                         ReadString(payload, "lxm", claims.lxm) && ReadString(payload, "jti", claims.jti) &&
                         ReadTime(payload, "exp", exp) && ReadTime(payload, "iat", claims.iat) &&
                         ReadTime(payload, "nbf", claims.nbf);
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

bool SignatureFits(const JwtParts& parts, const SigningKey& key) {
  return key.algorithm() == *FindString(parts.header, "alg") &&
         key.Verify(parts.signed_part, parts.signature, SignatureRule::kAnyS);
}

// Tries the document at hand first; the account may have changed its key since.
absl::Status CheckSignature(const JwtParts& parts, const std::string& did, const ResolveDid& resolve) {
  if (parts.signature.size() != kSignatureBytes) return XrpcError(Name::kBadJwtSignature);
  const absl::StatusOr<DidDocument> cached = resolve(did, Freshness::kCached);
  if (!cached.ok()) return ResolutionError(cached.status());
  if (SignatureFits(parts, cached->signing_key)) return absl::OkStatus();

  const absl::StatusOr<DidDocument> fresh = resolve(did, Freshness::kForced);
  if (!fresh.ok()) return ResolutionError(fresh.status());
  const bool key_changed = !(fresh->signing_key == cached->signing_key);
  if (key_changed && SignatureFits(parts, fresh->signing_key)) return absl::OkStatus();
  return XrpcError(Name::kBadJwtSignature);
}

// The two kinds of source are kept apart by their first letter. Hashed, so that a `jti` of any length and content fits.
std::string SingleUseId(const std::optional<std::string>& jti, absl::string_view signed_part) {
  const std::string source = jti.has_value() ? absl::StrCat("j", *jti) : absl::StrCat("s", signed_part);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(source.data()), source.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return absl::BytesToHexString(digest);
}

}  // namespace

ServiceJwtVerifier::ServiceJwtVerifier(std::vector<std::string> audiences, ResolveDid resolve)
    : audiences_(std::move(audiences)), resolve_(std::move(resolve)) {}

absl::StatusOr<ServiceJwt> ServiceJwtVerifier::Verify(absl::string_view jwt, absl::string_view lxm,
                                                      absl::Time now) const {
  const std::optional<JwtParts> parts = TakeApart(jwt);
  if (!parts.has_value()) return XrpcError(Name::kBadJwt);
  if (absl::Status header = CheckHeader(parts->header); !header.ok()) return header;
  const std::optional<Claims> claims = ReadClaims(parts->payload);
  if (!claims.has_value()) return XrpcError(Name::kBadJwt);
  if (absl::Status fit = CheckClaims(*claims, audiences_, lxm, now); !fit.ok()) return fit;
  if (absl::Status signature = CheckSignature(*parts, claims->iss, resolve_); !signature.ok()) return signature;
  return ServiceJwt{claims->iss, SingleUseId(claims->jti, parts->signed_part), claims->exp};
}

}  // namespace tokens::xrpc
