#include "token_service/identity/redirect_uri.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "token_service/identity/client_id.h"
#include "token_service/identity/client_rule.h"

namespace tokens {
namespace {

absl::Status CheckLoopback(const Url& url, ApplicationType type) {
  if (type != ApplicationType::kNative) {
    return ClientRejected("redirect_uri_loopback_web", "a redirect URI to a loopback address is for native clients");
  }
  if (url.scheme == "http") return absl::OkStatus();
  return ClientRejected("redirect_uri_loopback_scheme", "a redirect URI to a loopback address must be http");
}

absl::Status CheckHttps(const Url& url, ApplicationType type, const Url& client_id) {
  if (!url.has_authority || url.host.empty()) return ClientRejected("redirect_uri_url", "a redirect URI has no host");
  if (IsLocalHostname(url.host)) return ClientRejected("redirect_uri_local_host", "a redirect URI has a local host");
  if (url.has_port && url.port == "443") {
    return ClientRejected("redirect_uri_default_port", "a redirect URI writes the default port");
  }
  if (type == ApplicationType::kNative && (url.host != client_id.host || url.has_port)) {
    return ClientRejected("redirect_uri_native_origin",
                          "an https redirect URI of a native client must be of its id's origin");
  }
  return absl::OkStatus();
}

absl::Status CheckPrivateUse(const Url& url, ApplicationType type, const Url& client_id) {
  if (type != ApplicationType::kNative) {
    return ClientRejected("redirect_uri_private_web", "a redirect URI of a private-use scheme is for native clients");
  }
  if (url.has_authority || !absl::StartsWith(url.path, "/")) {
    return ClientRejected("redirect_uri_private_form", "a redirect URI of a private-use scheme must be scheme:/path");
  }
  std::vector<std::string> labels = absl::StrSplit(client_id.host, '.');
  std::reverse(labels.begin(), labels.end());
  if (url.scheme == absl::StrJoin(labels, ".")) return absl::OkStatus();
  return ClientRejected("redirect_uri_private_scheme",
                        "the private-use scheme of a redirect URI must be the host of the client's id, reversed");
}

}  // namespace

bool IsLoopbackAddress(const std::string& host) { return host == "127.0.0.1" || host == "[::1]"; }

absl::Status CheckRedirectUri(const std::string& uri, ApplicationType type, const Url& client_id) {
  const std::optional<Url> url = ParseUrl(uri);
  if (!url.has_value()) return ClientRejected("redirect_uri_url", "a redirect URI is not a URL");
  if (url->has_credentials) return ClientRejected("redirect_uri_credentials", "a redirect URI holds credentials");
  if (url->host == "localhost") {
    return ClientRejected("redirect_uri_localhost", "a redirect URI must say 127.0.0.1 or [::1], not localhost");
  }
  if (IsLoopbackAddress(url->host)) return CheckLoopback(*url, type);
  if (url->scheme == "http") return ClientRejected("redirect_uri_http", "a redirect URI is http");
  if (url->scheme == "https") return CheckHttps(*url, type, client_id);
  if (absl::StrContains(url->scheme, '.')) return CheckPrivateUse(*url, type, client_id);
  return ClientRejected("redirect_uri_scheme", "the scheme of a redirect URI is none of those allowed");
}

}  // namespace tokens
