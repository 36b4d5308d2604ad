#include "token_service/jose/jwk_set.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "token_service/jose/jwk.h"
#include "token_service/jose/strict_json.h"

namespace tokens {
namespace {

constexpr JsonLimits kLimits = {.max_bytes = 64 * 1024, .max_depth = 8};
constexpr size_t kMaxKeys = 64;

absl::Status NotASet(absl::string_view why) { return absl::InvalidArgumentError(absl::StrCat("JWK set: ", why)); }

}  // namespace

absl::StatusOr<JwkSet> JwkSet::Parse(absl::string_view json) {
  const absl::StatusOr<nlohmann::json> document = ParseStrictJson(json, kLimits);
  if (!document.ok()) return NotASet(document.status().message());
  if (!document->is_object()) return NotASet("not an object");
  const auto keys = document->find("keys");
  if (keys == document->end() || !keys->is_array()) return NotASet("no array of keys");
  if (keys->size() > kMaxKeys) return NotASet("too many keys");
  JwkSet set;
  for (const nlohmann::json& jwk : *keys) {
    if (HasPrivatePart(jwk)) return NotASet("a key with its private part");
    const std::string* kid = FindString(jwk, "kid");
    absl::StatusOr<PublicJwk> parsed = ParsePublicJwk(jwk);
    if (kid == nullptr || !parsed.ok()) continue;
    if (!set.keys_.emplace(*kid, parsed->key).second) return NotASet("a kid occurs twice");
  }
  if (set.keys_.empty()) return NotASet("no usable key");
  return set;
}

const SigningKey* JwkSet::Find(const std::string& kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace tokens
