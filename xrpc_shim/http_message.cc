#include "xrpc_shim/http_message.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

bool Contains(absl::string_view set, char c) { return set.find(c) != absl::string_view::npos; }

// The characters of uri-host [ ":" port ] (RFC 3986 §3.2.2), not its whole grammar: no routing of ours depends on Host.
bool IsValidHost(absl::string_view host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return absl::ascii_isalnum(c) || Contains("-._~%!$&'()*+,;=:[]", c); });
}

absl::Status Refuse(absl::string_view message) { return XrpcError(XrpcErrorName::kInvalidRequest, message); }

}  // namespace

HeaderLookup FindHeader(const HttpHeaders& headers, absl::string_view name) {
  HeaderLookup found;
  for (const auto& [field, value] : headers) {
    if (!absl::EqualsIgnoreCase(field, name)) continue;
    if (found.count++ == 0) found.value = value;
  }
  return found;
}

bool IsHttpToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return absl::ascii_isalnum(c) || Contains("!#$%&'*+-.^_`|~", c); });
}

std::optional<RequestTarget> ParseTarget(absl::string_view target) {
  const bool printable =
      std::all_of(target.begin(), target.end(), [](char c) { return absl::ascii_isgraph(c) && c != '#'; });
  if (!printable) return std::nullopt;
  if (target == "*") return RequestTarget{"*", ""};
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(target, scheme)) continue;
    target.remove_prefix(scheme.size());
    const size_t authority = std::min(target.find_first_of("/?"), target.size());
    if (authority == 0) return std::nullopt;
    target.remove_prefix(authority);
    if (!absl::StartsWith(target, "/")) {
      return RequestTarget{"/", std::string(target.substr(target.empty() ? 0 : 1))};
    }
    break;
  }
  if (!absl::StartsWith(target, "/")) return std::nullopt;
  const size_t mark = target.find('?');
  if (mark == absl::string_view::npos) return RequestTarget{std::string(target), ""};
  return RequestTarget{std::string(target.substr(0, mark)), std::string(target.substr(mark + 1))};
}

absl::Status CheckFraming(const HttpHeaders& headers, bool is_http_1_1) {
  const HeaderLookup host = FindHeader(headers, "Host");
  if (host.count > 1) return Refuse("more than one Host header");
  if (host.count == 0 && is_http_1_1) return Refuse("the Host header is missing");
  if (!IsValidHost(host.value)) return Refuse("invalid Host header");
  const HeaderLookup length = FindHeader(headers, "Content-Length");
  if (length.count > 1 || absl::StrContains(length.value, ",")) return Refuse("more than one Content-Length");
  const HeaderLookup coding = FindHeader(headers, "Transfer-Encoding");
  if (coding.count == 0) return absl::OkStatus();
  if (length.count > 0) return Refuse("both Content-Length and Transfer-Encoding");
  if (!is_http_1_1) return Refuse("Transfer-Encoding in HTTP/1.0");
  if (coding.count > 1 || !absl::EqualsIgnoreCase(coding.value, "chunked")) {
    return Refuse("unsupported Transfer-Encoding");
  }
  return absl::OkStatus();
}

}  // namespace tokens::xrpc
