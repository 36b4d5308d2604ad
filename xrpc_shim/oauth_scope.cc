#include "xrpc_shim/oauth_scope.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "token_service/base/did.h"
#include "token_service/base/nsid.h"

namespace tokens::xrpc {
namespace {

constexpr int kMaxIncludes = 16;

// scope-token of RFC 6749 §3.3.
bool IsScopeText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '!' || (c >= '#' && c <= '[') || (c >= ']' && c <= '~'); });
}

std::optional<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) || !absl::ascii_isxdigit(text[i + 2])) {
      return std::nullopt;
    }
    decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  return decoded;
}

// A DID of an account or service with a service id: the only form of `aud` besides "*".
bool IsServiceReference(absl::string_view aud) {
  const size_t hash = aud.find('#');
  return hash != absl::string_view::npos && hash + 1 < aud.size() && IsAtprotoDid(aud.substr(0, hash));
}

// All values of parameter `name`, the positional one included. Nothing if both forms are used.
std::optional<std::vector<std::string>> ValuesWithPositional(const ScopeSyntax& syntax, absl::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : syntax.params) {
    if (key == name) values.push_back(value);
  }
  if (syntax.positional.empty()) return values;
  if (!values.empty()) return std::nullopt;
  return std::vector<std::string>{syntax.positional};
}

// The value of `aud`: empty if absent, nothing if it is there twice or with an empty value.
std::optional<std::string> SingleAudience(const ScopeSyntax& syntax) {
  std::string aud;
  for (const auto& [key, value] : syntax.params) {
    if (key != "aud") continue;
    if (!aud.empty() || value.empty()) return std::nullopt;
    aud = value;
  }
  return aud;
}

bool HasOnlyParams(const ScopeSyntax& syntax, absl::string_view first, absl::string_view second) {
  return std::all_of(syntax.params.begin(), syntax.params.end(),
                     [&](const auto& param) { return param.first == first || param.first == second; });
}

bool Covers(const RpcPermission& permission, absl::string_view lxm, const std::vector<std::string>& audiences) {
  const bool method = std::any_of(permission.lxm.begin(), permission.lxm.end(),
                                  [lxm](const std::string& one) { return one == "*" || one == lxm; });
  const bool service =
      permission.aud == "*" || std::find(audiences.begin(), audiences.end(), permission.aud) != audiences.end();
  return method && service;
}

}  // namespace

std::optional<ScopeSyntax> ParseScopeSyntax(absl::string_view text) {
  if (!IsScopeText(text)) return std::nullopt;
  const size_t prefix = std::min(text.find_first_of(":?"), text.size());
  ScopeSyntax syntax;
  syntax.resource = std::string(text.substr(0, prefix));
  if (syntax.resource.empty()) return std::nullopt;
  const std::pair<absl::string_view, absl::string_view> rest =
      absl::StrSplit(text.substr(prefix), absl::MaxSplits('?', 1));
  const absl::string_view positional = rest.first.empty() ? rest.first : rest.first.substr(1);
  const std::optional<std::string> decoded = PercentDecode(positional);
  if (!decoded.has_value()) return std::nullopt;
  syntax.positional = *decoded;
  for (const absl::string_view pair : absl::StrSplit(rest.second, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    std::optional<std::string> name = PercentDecode(parts.first);
    std::optional<std::string> value = PercentDecode(parts.second);
    if (!name.has_value() || !value.has_value()) return std::nullopt;
    syntax.params.emplace_back(*std::move(name), *std::move(value));
  }
  return syntax;
}

std::optional<RpcPermission> ParseRpcPermission(absl::string_view text) {
  const std::optional<ScopeSyntax> syntax = ParseScopeSyntax(text);
  if (!syntax.has_value() || syntax->resource != "rpc" || !HasOnlyParams(*syntax, "lxm", "aud")) return std::nullopt;
  std::optional<std::vector<std::string>> lxm = ValuesWithPositional(*syntax, "lxm");
  std::optional<std::string> aud = SingleAudience(*syntax);
  if (!lxm.has_value() || lxm->empty() || !aud.has_value()) return std::nullopt;
  bool any_method = false;
  for (const std::string& one : *lxm) {
    if (one == "*") {
      any_method = true;
    } else if (!IsValidNsid(one)) {
      return std::nullopt;
    }
  }
  if (*aud == "*" ? any_method : !IsServiceReference(*aud)) return std::nullopt;
  return RpcPermission{*std::move(lxm), *std::move(aud)};
}

std::optional<IncludedSet> ParseIncludedSet(absl::string_view text) {
  const std::optional<ScopeSyntax> syntax = ParseScopeSyntax(text);
  if (!syntax.has_value() || syntax->resource != "include" || !HasOnlyParams(*syntax, "nsid", "aud")) {
    return std::nullopt;
  }
  const std::optional<std::vector<std::string>> nsid = ValuesWithPositional(*syntax, "nsid");
  std::optional<std::string> aud = SingleAudience(*syntax);
  if (!nsid.has_value() || nsid->size() != 1 || !IsValidNsid(nsid->front()) || !aud.has_value()) return std::nullopt;
  if (!aud->empty() && !IsServiceReference(*aud)) return std::nullopt;
  return IncludedSet{nsid->front(), *std::move(aud)};
}

bool ScopeAllows(absl::string_view scope, absl::string_view lxm, const std::vector<std::string>& audiences,
                 const ResolveIncludedSet& resolve) {
  bool is_atproto = false;
  bool covered = false;
  int includes = 0;
  for (const absl::string_view one : absl::StrSplit(scope, ' ', absl::SkipEmpty())) {
    if (one == "atproto") is_atproto = true;
    if (covered) continue;
    if (one == "transition:generic") {
      covered = !absl::StartsWith(lxm, "chat.bsky.");
    } else if (const auto permission = ParseRpcPermission(one)) {
      covered = Covers(*permission, lxm, audiences);
    } else if (const auto included = ParseIncludedSet(one); included.has_value() && ++includes <= kMaxIncludes) {
      const std::vector<RpcPermission> granted = resolve(*included);
      covered = std::any_of(granted.begin(), granted.end(),
                            [&](const RpcPermission& each) { return Covers(each, lxm, audiences); });
    }
  }
  return is_atproto && covered;
}

}  // namespace tokens::xrpc
