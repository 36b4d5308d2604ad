#include "xrpc_shim/config.h"

#include <algorithm>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "token_service/base/did.h"
#include "token_service/base/flags.h"
#include "token_service/base/metrics_listener.h"
#include "xrpc_shim/http_message.h"

ABSL_FLAG(
    std::string, http_listen, "127.0.0.1:8080",
    "where HTTP is served: IP:PORT or [IPv6]:PORT; port 0 picks a free one; in plain text, for a proxy in front that "
    "ends TLS, unless there is a --http_tls_cert");
ABSL_FLAG(
    std::string, http_tls_cert, "",
    "PEM chain, leaf first, that clients are shown; with --http_tls_key turns HTTPS on at --http_listen; both are "
    "read again every 10 s and on SIGHUP");
ABSL_FLAG(std::string, http_tls_key, "", "PEM private key of --http_tls_cert, without a passphrase");
ABSL_FLAG(std::string, metrics_listen, "",
          "a plain HTTP listener for Prometheus, GET /metrics: IPv4:PORT; port 0 picks a free one; empty for none");
ABSL_FLAG(std::string, token_service, "127.0.0.1:50051", "the token service: HOST:PORT, dns:///HOST:PORT or unix:PATH");
ABSL_FLAG(
    std::string, tls_cert, "",
    "PEM chain presented to the token service; with --tls_key and --tls_ca turns mutual TLS on, which another machine "
    "is called with; all three are read again when they change");
ABSL_FLAG(std::string, tls_key, "", "PEM private key of --tls_cert");
ABSL_FLAG(std::string, tls_ca, "", "PEM certificates that may have signed the token service's");
ABSL_FLAG(bool, allow_plaintext, false,
          "serve without TLS on an address that other machines can reach, behind a proxy that ends it, or call another "
          "machine without");
ABSL_FLAG(std::vector<std::string>, service_did, {},
          "an audience this service answers to: did:web:HOST or did:web:HOST#ID; may be given several times; the first "
          "names the service; without the bare form, tokens for that are refused; required");
ABSL_FLAG(std::string, service_id, "didpic_appview", "fragment of the service entry in /.well-known/did.json");
ABSL_FLAG(std::string, service_type, "DidpicAppView", "type of the service entry in /.well-known/did.json");
ABSL_FLAG(std::string, public_url, "",
          "origin under which clients reach this service, for /.well-known/did.json, and that DPoP proofs must name; "
          "empty means https:// and the host of the service's did:web; needed with oauth_issuers and a did:plc");
ABSL_FLAG(std::string, plc_url, "https://plc.directory", "directory of did:plc");
ABSL_FLAG(std::string, did_documents, "",
          "folder of DID documents (did:plc:….json) that are looked at first; empty for none");
ABSL_FLAG(bool, allow_insecure_resolution, false,
          "development: resolve DIDs over http and from loopback addresses too");
ABSL_FLAG(std::string, resolver_ca_file, "", "PEM certificates to trust when resolving DIDs; empty means the system's");
ABSL_FLAG(std::vector<std::string>, resolver_connect_to, {},
          "development: HOST:PORT:ADDRESS:PORT, reach the first by the second when resolving DIDs; needs "
          "--allow_insecure_resolution");
ABSL_FLAG(
    std::string, policy, "",
    "policy file (textproto, didpic.token.v1.Policy), the same as the token service's, of which oauth_issuers and "
    "rate_limits are used; read again on SIGHUP; empty means no access tokens, and 300 requests of a viewer and 3000 "
    "from an address in 5 minutes");
ABSL_FLAG(std::string, dpop_secret, "",
          "file of 32 to 1024 secret bytes from which DPoP nonces are made, the same for all shims behind one address; "
          "empty means a random one");
ABSL_FLAG(std::string, permission_sets, "",
          "folder of permission set lexicons, such as app/didpic/authBasic.json, for scopes of the form include:NSID; "
          "empty means that they grant nothing");
ABSL_FLAG(int, workers, 64, "requests handled side by side (1 to 1024)");
ABSL_FLAG(int, max_connections, 4096, "open connections; one more gets 503 (1 to 100000)");
ABSL_FLAG(std::string, client_address_header, "",
          "field into which the proxy in front writes the client's address, such as X-Forwarded-For; its last entry is "
          "trusted, so the proxy must set or append it; empty means that clients connect directly: behind a proxy they "
          "would all share its limit");
ABSL_FLAG(absl::Duration, drain_grace, absl::Seconds(15),
          "after SIGTERM, how long requests in flight may take (0s to 10m)");

namespace tokens::xrpc {
namespace {

bool IsOrigin(absl::string_view url) {
  if (!absl::StartsWith(url, "https://") && !absl::StartsWith(url, "http://")) return false;
  const absl::string_view host = url.substr(url.find("//") + 2);
  return !host.empty() && host.find_first_of("/?#@") == absl::string_view::npos;
}

void CheckAudiences(const std::vector<std::string>& audiences, std::vector<std::string>* faults) {
  if (audiences.empty()) faults->emplace_back("--service_did: required");
  for (const std::string& audience : audiences) {
    const size_t hash = audience.find('#');
    const bool has_id = hash == std::string::npos || hash + 1 < audience.size();
    if (!IsAtprotoDid(audience.substr(0, hash)) || !has_id) {
      faults->push_back(
          absl::StrCat("--service_did: \"", audience, "\" is not a did:web or did:plc, with or without #ID"));
    }
  }
}

}  // namespace

ShimConfig ReadConfig() {
  ShimConfig config;
  config.http_listen = absl::GetFlag(FLAGS_http_listen);
  config.http_tls_cert = absl::GetFlag(FLAGS_http_tls_cert);
  config.http_tls_key = absl::GetFlag(FLAGS_http_tls_key);
  config.metrics_listen = absl::GetFlag(FLAGS_metrics_listen);
  config.token_service = absl::GetFlag(FLAGS_token_service);
  config.tls = {absl::GetFlag(FLAGS_tls_cert), absl::GetFlag(FLAGS_tls_key), absl::GetFlag(FLAGS_tls_ca)};
  config.allow_plaintext = absl::GetFlag(FLAGS_allow_plaintext);
  config.service_dids = absl::GetFlag(FLAGS_service_did);
  config.service_id = absl::GetFlag(FLAGS_service_id);
  config.service_type = absl::GetFlag(FLAGS_service_type);
  config.public_url = absl::GetFlag(FLAGS_public_url);
  if (config.public_url.empty() && absl::StartsWith(ServiceDid(config), "did:web:")) {
    config.public_url = absl::StrCat("https://", ServiceDid(config).substr(sizeof("did:web:") - 1));
  }
  config.plc_url = absl::GetFlag(FLAGS_plc_url);
  config.did_documents = absl::GetFlag(FLAGS_did_documents);
  config.allow_insecure_resolution = absl::GetFlag(FLAGS_allow_insecure_resolution);
  config.resolver_ca_file = absl::GetFlag(FLAGS_resolver_ca_file);
  config.resolver_connect_to = absl::GetFlag(FLAGS_resolver_connect_to);
  config.policy = absl::GetFlag(FLAGS_policy);
  config.dpop_secret = absl::GetFlag(FLAGS_dpop_secret);
  config.permission_sets = absl::GetFlag(FLAGS_permission_sets);
  config.workers = absl::GetFlag(FLAGS_workers);
  config.max_connections = absl::GetFlag(FLAGS_max_connections);
  config.client_address_header = absl::GetFlag(FLAGS_client_address_header);
  config.drain_grace = absl::GetFlag(FLAGS_drain_grace);
  return config;
}

std::vector<std::string> Check(const ShimConfig& config) {
  std::vector<std::string> faults;
  CheckAudiences(config.service_dids, &faults);
  CheckMetricsAddress(config.metrics_listen, &faults);
  if (config.token_service.empty()) faults.emplace_back("--token_service: required");
  if (!config.tls.empty() && !config.tls.complete()) {
    faults.emplace_back("--tls_cert, --tls_key and --tls_ca: all three or none");
  }
  if (config.http_tls_cert.empty() != config.http_tls_key.empty()) {
    faults.emplace_back("--http_tls_cert and --http_tls_key: both or none");
  }
  if (config.http_tls_cert.empty() && !config.allow_plaintext && !IsLocalAddress(config.http_listen)) {
    faults.emplace_back(
        "--http_listen: plaintext on an address that other machines can reach needs --allow_plaintext and a proxy that "
        "ends TLS, or --http_tls_cert and --http_tls_key");
  }
  if (!config.allow_plaintext && config.tls.empty() && !IsLocalAddress(config.token_service)) {
    faults.emplace_back("--token_service: another machine is called with --tls_cert, --tls_key and --tls_ca");
  }
  if (!config.public_url.empty() && !IsOrigin(config.public_url)) {
    faults.emplace_back("--public_url: must be an origin, https://HOST or https://HOST:PORT");
  }
  if (config.service_id.empty() || config.service_id.find('#') != std::string::npos) {
    faults.emplace_back("--service_id: must be a fragment without \"#\"");
  }
  if (config.service_type.empty()) faults.emplace_back("--service_type: required");
  CheckRange("--workers", config.workers, 1, 1024, &faults);
  CheckRange("--max_connections", config.max_connections, 1, 100000, &faults);
  if (!config.client_address_header.empty() && !IsHttpToken(config.client_address_header)) {
    faults.emplace_back("--client_address_header: must be the name of a header field");
  }
  CheckRange("--drain_grace", config.drain_grace, absl::ZeroDuration(), absl::Minutes(10), &faults);
  return faults;
}

std::string ServiceDid(const ShimConfig& config) {
  if (config.service_dids.empty()) return "";
  return config.service_dids.front().substr(0, config.service_dids.front().find('#'));
}

std::string Describe(const ShimConfig& config) {
  return absl::StrCat(
      "version=", TOKENS_VERSION, " http_listen=", config.http_listen, " http_tls_cert=", config.http_tls_cert,
      " metrics_listen=", config.metrics_listen, " token_service=", config.token_service,
      " tls=", config.tls.empty() ? "off" : "mutual", " service_did=", absl::StrJoin(config.service_dids, ","),
      " service_id=", config.service_id, " public_url=", config.public_url, " plc_url=", config.plc_url,
      " did_documents=", config.did_documents, " policy=", config.policy, " dpop_secret=", config.dpop_secret,
      " permission_sets=", config.permission_sets,
      " allow_insecure_resolution=", config.allow_insecure_resolution ? "true" : "false", " workers=", config.workers,
      " max_connections=", config.max_connections, " client_address_header=", config.client_address_header,
      " drain_grace=", absl::FormatDuration(config.drain_grace));
}

}  // namespace tokens::xrpc
