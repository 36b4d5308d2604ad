#include "xrpc_shim/oauth_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "token_service/base/did.h"
#include "token_service/jose/jwt_parts.h"
#include "token_service/jose/strict_json.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using Name = XrpcErrorName;

constexpr size_t kMaxTokenBytes = 4096;
constexpr size_t kMaxClientIdBytes = 2048;  // As long as a Mint takes.

struct Claims {
  std::string iss;
  std::string sub;
  std::string client_id;
  std::string scope;
  std::vector<std::string> aud;
  std::string jkt;  // Empty if the token is bound to no key.
  absl::Time exp;
  std::optional<absl::Time> iat;
  std::optional<absl::Time> nbf;
};

absl::Status Refuse(absl::string_view why) { return XrpcError(Name::kOauthTokenInvalid, why); }

// `aud` as a list: it may be one string or an array of them (RFC 7519 §4.1.3). Empty if it is neither.
std::vector<std::string> ReadAudience(const nlohmann::json& payload) {
  if (const std::string* aud = FindString(payload, "aud")) return {*aud};
  std::vector<std::string> audience;
  const auto claim = payload.find("aud");
  if (claim == payload.end() || !claim->is_array()) return {};
  for (const nlohmann::json& one : *claim) {
    if (!one.is_string()) return {};
    audience.push_back(one.get<std::string>());
  }
  return audience;
}

std::string ReadThumbprint(const nlohmann::json& payload) {
  const auto cnf = payload.find("cnf");
  const std::string* jkt = cnf == payload.end() ? nullptr : FindString(*cnf, "jkt");
  return jkt == nullptr ? "" : *jkt;
}

std::optional<Claims> ReadClaims(const nlohmann::json& payload) {
  Claims claims;
  std::optional<absl::Time> exp;
  const std::string* iss = FindString(payload, "iss");
  const std::string* sub = FindString(payload, "sub");
  const std::string* client_id = FindString(payload, "client_id");
  const std::string* scope = FindString(payload, "scope");
  const bool times_fit = ReadTimeClaim(payload, "exp", exp) && ReadTimeClaim(payload, "iat", claims.iat) &&
                         ReadTimeClaim(payload, "nbf", claims.nbf);
  claims.aud = ReadAudience(payload);
  if (iss == nullptr || sub == nullptr || client_id == nullptr || scope == nullptr || claims.aud.empty()) {
    return std::nullopt;
  }
  if (!times_fit || !exp.has_value() || client_id->empty() || client_id->size() > kMaxClientIdBytes) {
    return std::nullopt;
  }
  claims.iss = *iss;
  claims.sub = *sub;
  claims.client_id = *client_id;
  claims.scope = *scope;
  claims.jkt = ReadThumbprint(payload);
  claims.exp = *exp;
  return claims;
}

// A failure to find the key as the caller of the method sees it: an outage is never the token's fault.
absl::Status KeyError(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kPermissionDenied: return Refuse("its issuer is not one that this service trusts");
    case absl::StatusCode::kNotFound: return Refuse("its issuer has no such key");
    case absl::StatusCode::kDeadlineExceeded: return XrpcError(Name::kUpstreamTimeout);
    default: return XrpcError(Name::kUpstreamFailure);
  }
}

absl::Status CheckSignature(const JwtParts& parts, const std::string& iss, const FindIssuerKey& find_key) {
  const std::string* kid = FindString(parts.header, "kid");
  if (kid == nullptr) return Refuse("no kid");
  const absl::StatusOr<SigningKey> key = find_key(iss, *kid);
  if (!key.ok()) return KeyError(key.status());
  if (!JwtSignatureFits(parts, *key)) return Refuse("its signature is not its issuer's");
  return absl::OkStatus();
}

absl::Status CheckTimes(const Claims& claims, absl::Time now) {
  if (now >= claims.exp) return XrpcError(Name::kOauthTokenExpired);
  const absl::Time latest_start = now + kOauthTokenSkew;
  if (claims.iat.has_value() && *claims.iat > latest_start) return Refuse("it was issued in the future");
  if (claims.nbf.has_value() && *claims.nbf > latest_start) return Refuse("it is not valid yet");
  return absl::OkStatus();
}

bool ShareOne(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::find_first_of(left.begin(), left.end(), right.begin(), right.end()) != left.end();
}

}  // namespace

OauthTokenVerifier::OauthTokenVerifier(std::vector<std::string> audiences, FindIssuerKey find_key,
                                       CheckIssuer check_issuer, ResolveIncludedSet resolve_set)
    : audiences_(std::move(audiences)),
      find_key_(std::move(find_key)),
      check_issuer_(std::move(check_issuer)),
      resolve_set_(std::move(resolve_set)) {}

absl::StatusOr<OauthToken> OauthTokenVerifier::Verify(absl::string_view jwt, absl::string_view thumbprint,
                                                      absl::string_view lxm, absl::Time now) const {
  const std::optional<JwtParts> parts = TakeJwtApart(jwt, kMaxTokenBytes);
  if (!parts.has_value()) return Refuse("it is not a JWT");
  if (!JwtTypeIs(parts->header, "at+jwt")) return Refuse("typ is not at+jwt");
  if (!JwtAlgorithm(parts->header).has_value()) return Refuse("unsupported algorithm");
  const std::optional<Claims> claims = ReadClaims(parts->payload);
  if (!claims.has_value()) return Refuse("a claim is missing or of the wrong type");
  if (absl::Status signature = CheckSignature(*parts, claims->iss, find_key_); !signature.ok()) return signature;
  if (claims->jkt.empty() || claims->jkt != thumbprint) return Refuse("it is not bound to the key of the DPoP proof");
  if (!ShareOne(claims->aud, audiences_)) return Refuse("it is for another service");
  if (!IsAtprotoDid(claims->sub)) return Refuse("sub is not an account");
  if (!ScopeAllows(claims->scope, lxm, audiences_, resolve_set_)) return XrpcError(Name::kOauthScopeMissing);
  if (absl::Status times = CheckTimes(*claims, now); !times.ok()) return times;
  // Last, since it may fetch from three hosts.
  if (absl::Status issuer = check_issuer_(claims->iss, claims->sub); !issuer.ok()) return issuer;
  return OauthToken{claims->sub, claims->client_id};
}

}  // namespace tokens::xrpc
