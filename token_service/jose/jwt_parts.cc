#include "token_service/jose/jwt_parts.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "token_service/jose/base64url.h"
#include "token_service/jose/strict_json.h"

namespace tokens {
namespace {

constexpr size_t kMaxDepth = 8;

std::optional<nlohmann::json> DecodeObject(absl::string_view part) {
  const std::optional<std::string> text = DecodeBase64Url(part);
  if (!text.has_value()) return std::nullopt;
  absl::StatusOr<nlohmann::json> value = ParseStrictJson(*text, {.max_bytes = text->size(), .max_depth = kMaxDepth});
  if (!value.ok() || !value->is_object()) return std::nullopt;
  return *std::move(value);
}

}  // namespace

std::optional<JwtParts> TakeJwtApart(absl::string_view jwt, size_t max_bytes) {
  if (jwt.size() > max_bytes) return std::nullopt;
  const std::vector<absl::string_view> texts = absl::StrSplit(jwt, absl::MaxSplits('.', 3));
  if (texts.size() != 3 || texts[2].empty()) return std::nullopt;
  std::optional<nlohmann::json> header = DecodeObject(texts[0]);
  std::optional<nlohmann::json> payload = DecodeObject(texts[1]);
  std::optional<std::string> signature = DecodeBase64Url(texts[2]);
  if (!header.has_value() || !payload.has_value() || !signature.has_value()) return std::nullopt;
  return JwtParts{*std::move(header), *std::move(payload), *std::move(signature),
                  jwt.substr(0, jwt.size() - texts[2].size() - 1)};
}

std::optional<std::string> JwtAlgorithm(const nlohmann::json& header) {
  const std::string* alg = FindString(header, "alg");
  if (alg == nullptr || (*alg != "ES256" && *alg != "ES256K") || header.contains("crit")) return std::nullopt;
  return *alg;
}

bool JwtTypeIs(const nlohmann::json& header, absl::string_view type) {
  const std::string* typ = FindString(header, "typ");
  if (typ == nullptr) return false;
  const std::string lower = absl::AsciiStrToLower(*typ);
  return absl::StripPrefix(lower, "application/") == type;
}

bool JwtSignatureFits(const JwtParts& parts, const SigningKey& key) {
  const std::string* alg = FindString(parts.header, "alg");
  return alg != nullptr && key.algorithm() == *alg &&
         key.Verify(parts.signed_part, parts.signature, SignatureRule::kAnyS);
}

bool ReadStringClaim(const nlohmann::json& payload, const char* name, std::optional<std::string>& value) {
  const std::string* text = FindString(payload, name);
  if (text != nullptr) value = *text;
  return text != nullptr || !payload.contains(name);
}

bool ReadTimeClaim(const nlohmann::json& payload, const char* name, std::optional<absl::Time>& value) {
  const auto claim = payload.find(name);
  if (claim == payload.end()) return true;
  if (!claim->is_number()) return false;
  // A double holds every whole second of the calendar, and Abseil turns what it cannot hold into an infinity.
  value = absl::UnixEpoch() + absl::Seconds(claim->get<double>());
  return true;
}

}  // namespace tokens
