#include "xrpc_shim/permission_set.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "token_service/base/nsid.h"
#include "token_service/base/read_file.h"
#include "token_service/jose/strict_json.h"

namespace tokens::xrpc {
namespace {

constexpr JsonLimits kLimits = {.max_bytes = 64 * 1024, .max_depth = 16};

bool Is(const nlohmann::json& value, const char* name, absl::string_view wanted) {
  const std::string* text = FindString(value, name);
  return text != nullptr && *text == wanted;
}

bool HasOnlyKnownMembers(const nlohmann::json& permission) {
  for (const auto& [name, value] : permission.items()) {
    if (name != "type" && name != "resource" && name != "lxm" && name != "aud" && name != "inheritAud") return false;
  }
  return true;
}

// The service that `permission` is for: "*", the include's, or nothing.
std::optional<std::string> AudienceOf(const nlohmann::json& permission, const IncludedSet& set) {
  const auto inherit = permission.find("inheritAud");
  const bool inherits = inherit != permission.end() && *inherit == true;
  if (inherits && !permission.contains("aud") && !set.aud.empty()) return set.aud;
  if (!inherits && Is(permission, "aud", "*")) return "*";
  return std::nullopt;
}

std::optional<RpcPermission> ReadPermission(const nlohmann::json& permission, const IncludedSet& set) {
  if (!Is(permission, "type", "permission") || !Is(permission, "resource", "rpc")) return std::nullopt;
  const auto lxm = permission.find("lxm");
  std::optional<std::string> aud = AudienceOf(permission, set);
  if (!HasOnlyKnownMembers(permission) || lxm == permission.end() || !lxm->is_array() || !aud.has_value()) {
    return std::nullopt;
  }
  const std::string group = set.nsid.substr(0, set.nsid.rfind('.') + 1);
  RpcPermission granted{{}, *std::move(aud)};
  for (const nlohmann::json& one : *lxm) {
    const auto* nsid = one.get_ptr<const std::string*>();
    if (nsid == nullptr || !IsValidNsid(*nsid) || !absl::StartsWith(*nsid, group)) return std::nullopt;
    granted.lxm.push_back(*nsid);
  }
  return granted;
}

}  // namespace

std::vector<RpcPermission> PermissionsOf(const IncludedSet& set, absl::string_view json) {
  const absl::StatusOr<nlohmann::json> lexicon = ParseStrictJson(json, kLimits);
  if (!lexicon.ok() || !Is(*lexicon, "id", set.nsid)) return {};
  static const nlohmann::json::json_pointer kMain("/defs/main");
  if (!lexicon->contains(kMain)) return {};
  const nlohmann::json& main = lexicon->at(kMain);
  if (!Is(main, "type", "permission-set") || !main.contains("permissions")) return {};
  std::vector<RpcPermission> granted;
  for (const nlohmann::json& permission : main.at("permissions")) {
    std::optional<RpcPermission> one = ReadPermission(permission, set);
    if (one.has_value()) granted.push_back(*std::move(one));
  }
  return granted;
}

std::vector<RpcPermission> ReadPermissionSet(const std::string& folder, const IncludedSet& set) {
  const std::string path = absl::StrCat(folder, "/", absl::StrReplaceAll(set.nsid, {{".", "/"}}), ".json");
  const absl::StatusOr<std::string> json = ReadFile(path, kLimits.max_bytes);
  if (!json.ok()) return {};
  return PermissionsOf(set, *json);
}

}  // namespace tokens::xrpc
