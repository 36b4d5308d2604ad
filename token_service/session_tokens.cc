#include "token_service/session_tokens.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "token_service/base/did.h"
#include "token_service/jose/jwt_parts.h"
#include "token_service/jose/strict_json.h"
#include "token_service/token_id.h"

namespace tokens {
namespace {

constexpr size_t kMaxJwtBytes = 4096;

struct Form {
  const char* type;
  const char* scope;
};

Form FormOf(SessionTokenKind kind) {
  if (kind == SessionTokenKind::kAccess) return {"at+jwt", "com.atproto.access"};
  return {"refresh+jwt", "com.atproto.refresh"};
}

// True if one of our keys made the signature.
bool IsOurs(const JwtParts& parts, const SessionKeys& keys) {
  const std::string* kid = FindString(parts.header, "kid");
  const SigningKey* key = kid == nullptr ? nullptr : keys.Find(*kid);
  return key != nullptr && JwtAlgorithm(parts.header).has_value() && JwtSignatureFits(parts, *key);
}

// The id that a claim names; nothing unless it is our way to write one.
template <typename Id>
std::optional<Id> ReadId(const nlohmann::json& payload, const char* name) {
  const std::string* text = FindString(payload, name);
  const std::optional<std::string> bytes = text == nullptr ? std::nullopt : ParseTokenId(*text);
  return bytes.has_value() ? Id::FromBytes(*bytes) : std::nullopt;
}

// Everything but the `jti`. False if a claim is missing, is not of its form or does not belong here.
bool ReadClaims(const nlohmann::json& payload, SessionTokenKind kind, SessionClaims* claims) {
  const std::string* did = FindString(payload, "sub");
  const std::string* scope = FindString(payload, "scope");
  const auto session = ReadId<storage::SessionId>(payload, "sid");
  std::optional<absl::Time> issue_time;
  if (!ReadTimeClaim(payload, "iat", issue_time) || !issue_time.has_value()) return false;
  if (did == nullptr || !IsAtprotoDid(*did) || scope == nullptr || *scope != FormOf(kind).scope) return false;
  if (!session.has_value() || payload.contains("cnf") || payload.contains("lxm")) return false;
  claims->did = *did;
  claims->session = *session;
  claims->issue_time = *issue_time;
  return true;
}

}  // namespace

absl::StatusOr<std::string> MakeSessionToken(SessionTokenKind kind, const SessionClaims& claims,
                                             const SessionKeys& keys, const std::string& audience) {
  const PrivateKey& key = keys.signer();
  const nlohmann::json header = {
      {"typ", FormOf(kind).type}, {"alg", std::string(key.public_key().algorithm())}, {"kid", key.kid()}};
  nlohmann::json payload = {{"scope", FormOf(kind).scope},
                            {"aud", audience},
                            {"sub", claims.did},
                            {"sid", ToHex(claims.session)},
                            {"iat", absl::ToUnixSeconds(claims.issue_time)},
                            {"exp", absl::ToUnixSeconds(claims.expire_time)}};
  if (kind == SessionTokenKind::kRefresh) payload["jti"] = absl::BytesToHexString(claims.refresh.bytes());
  const std::string signed_part =
      absl::StrCat(absl::WebSafeBase64Escape(header.dump()), ".", absl::WebSafeBase64Escape(payload.dump()));
  const absl::StatusOr<std::string> signature = key.Sign(signed_part);
  if (!signature.ok()) return signature.status();
  return absl::StrCat(signed_part, ".", absl::WebSafeBase64Escape(*signature));
}

CheckedToken CheckSessionToken(absl::string_view jwt, SessionTokenKind kind, const SessionKeys& keys,
                               const std::string& audience, absl::Time now) {
  CheckedToken checked;
  const std::optional<JwtParts> parts = TakeJwtApart(jwt, kMaxJwtBytes);
  if (!parts.has_value() || !IsOurs(*parts, keys) || !JwtTypeIs(parts->header, FormOf(kind).type)) return checked;
  const std::string* aud = FindString(parts->payload, "aud");
  std::optional<absl::Time> expire_time;
  if (aud == nullptr || *aud != audience || !ReadTimeClaim(parts->payload, "exp", expire_time) ||
      !expire_time.has_value()) {
    return checked;
  }
  SessionClaims claims;
  claims.expire_time = *expire_time;
  if (!ReadClaims(parts->payload, kind, &claims)) return checked;
  if (kind == SessionTokenKind::kRefresh) {
    const auto refresh = ReadId<storage::RefreshId>(parts->payload, "jti");
    if (!refresh.has_value()) {
      if (!parts->payload.contains("jti")) checked.fault = SessionFault::kMissingTokenId;
      return checked;
    }
    claims.refresh = *refresh;
  }
  checked.fault = now >= *expire_time ? std::optional(SessionFault::kExpired) : std::nullopt;
  checked.claims = std::move(claims);
  return checked;
}

std::string ToHex(const storage::SessionId& id) { return absl::BytesToHexString(id.bytes()); }

}  // namespace tokens
