#include "token_service/identity/loopback_client.h"

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "token_service/identity/client_id.h"
#include "token_service/identity/client_rule.h"
#include "token_service/identity/redirect_uri.h"
#include "token_service/identity/url.h"

namespace tokens {
namespace {

absl::Status CheckRedirect(const std::string& uri) {
  const std::optional<Url> url = ParseUrl(uri);
  if (url.has_value() && !url->has_credentials && url->scheme == "http" && IsLoopbackAddress(url->host)) {
    return absl::OkStatus();
  }
  return ClientRejected("loopback_redirect_uri", "a redirect_uri in its id is not http to 127.0.0.1 or [::1]");
}

}  // namespace

absl::StatusOr<ClientMetadata> DescribeLoopbackClient(const std::string& client_id) {
  if (client_id.size() > kMaxClientIdBytes) return ClientRejected("client_id_length", "its id is over 2,048 bytes");
  absl::string_view rest = client_id;
  const bool begins_well = absl::ConsumePrefix(&rest, "http://localhost");
  absl::ConsumePrefix(&rest, "/");
  if (!begins_well || (!rest.empty() && !absl::ConsumePrefix(&rest, "?"))) {
    return ClientRejected("loopback_form", "an id at localhost has no port and no path");
  }
  const auto params = ParseUrlQuery(rest);
  if (!params.has_value()) return ClientRejected("loopback_query", "the query of its id cannot be read");
  ClientMetadata client;
  client.client_id = client_id;
  client.type = ClientType::kLoopback;
  client.application_type = ApplicationType::kNative;
  for (const auto& [name, value] : *params) {
    if (name == "redirect_uri") {
      if (absl::Status status = CheckRedirect(value); !status.ok()) return status;
      client.redirect_uris.push_back(value);
    } else if (name == "scope") {
      if (!client.scope.empty()) return ClientRejected("loopback_scope_twice", "its id names scope twice");
      if (absl::Status status = CheckClientScope(value); !status.ok()) return status;
      client.scope = value;
    } else {
      return ClientRejected("loopback_parameter", "its id has a parameter other than redirect_uri and scope");
    }
  }
  if (client.redirect_uris.empty()) client.redirect_uris = {"http://127.0.0.1/", "http://[::1]/"};
  if (client.scope.empty()) client.scope = "atproto";
  return client;
}

}  // namespace tokens
