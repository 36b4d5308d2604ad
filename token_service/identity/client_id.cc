#include "token_service/identity/client_id.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/match.h"
#include "token_service/base/did.h"
#include "token_service/identity/client_rule.h"
#include "token_service/identity/url.h"

namespace tokens {
namespace {

constexpr absl::string_view kLocalDomains[] = {"test", "local", "localhost", "invalid", "example"};

}  // namespace

bool IsLoopbackClientId(absl::string_view client_id) { return absl::StartsWith(client_id, "http://localhost"); }

absl::Status CheckDiscoverableClientId(const std::string& client_id) {
  if (client_id.size() > kMaxClientIdBytes) return ClientRejected("client_id_length", "its id is over 2,048 bytes");
  const std::optional<Url> url = ParseUrl(client_id);
  if (!url.has_value()) return ClientRejected("client_id_url", "its id is not a URL");
  const struct {
    bool broken;
    const char* rule;
    const char* problem;
  } kRules[] = {
      {!absl::StartsWith(client_id, "https://"), "client_id_scheme", "its id does not begin with https://"},
      {url->has_credentials, "client_id_credentials", "its id holds credentials"},
      {url->has_port, "client_id_port", "its id has a port"},
      {url->has_fragment, "client_id_fragment", "its id has a fragment"},
      // A handle is what is left of host names without IP addresses and without names of one label.
      {!IsValidHandle(url->host), "client_id_host", "the host of its id is not a domain name"},
      {IsLocalHostname(url->host), "client_id_local_host", "the host of its id is local"},
      {url->path.empty() || absl::EndsWith(url->path, "/"), "client_id_path", "its id names no document, but a folder"},
      {!url->path_is_canonical, "client_id_canonical", "the path of its id can be written more plainly"},
  };
  for (const auto& rule : kRules) {
    if (rule.broken) return ClientRejected(rule.rule, rule.problem);
  }
  return absl::OkStatus();
}

bool IsLocalHostname(absl::string_view host) {
  if (absl::StartsWith(host, "[")) return false;
  const size_t dot = host.rfind('.');
  if (dot == absl::string_view::npos) return true;
  return std::find(std::begin(kLocalDomains), std::end(kLocalDomains), host.substr(dot + 1)) != std::end(kLocalDomains);
}

}  // namespace tokens
