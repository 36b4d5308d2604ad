// xrpc_shim: the HTTP face of the token service for AT Protocol apps.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "token_service/base/certificate_files.h"
#include "token_service/base/clock.h"
#include "token_service/base/flags.h"
#include "token_service/base/log.h"
#include "token_service/base/own_methods.h"
#include "token_service/base/random.h"
#include "token_service/base/stop_signal.h"
#include "token_service/client/token_client.h"
#include "token_service/identity/auth_server_finder.h"
#include "token_service/identity/client_directory.h"
#include "token_service/identity/did_refresher.h"
#include "token_service/identity/did_resolver.h"
#include "token_service/identity/did_source.h"
#include "token_service/identity/host_lookup.h"
#include "token_service/identity/https_fetcher.h"
#include "token_service/identity/server_discovery.h"
#include "xrpc_shim/config.h"
#include "xrpc_shim/dpop_nonce.h"
#include "xrpc_shim/dpop_proof.h"
#include "xrpc_shim/health_handler.h"
#include "xrpc_shim/http_server.h"
#include "xrpc_shim/issuer_authority.h"
#include "xrpc_shim/issuer_keys.h"
#include "xrpc_shim/list_handler.h"
#include "xrpc_shim/mint_handler.h"
#include "xrpc_shim/oauth_token.h"
#include "xrpc_shim/oauth_viewer.h"
#include "xrpc_shim/permission_set.h"
#include "xrpc_shim/rate_gate.h"
#include "xrpc_shim/revoke_all_handler.h"
#include "xrpc_shim/revoke_handler.h"
#include "xrpc_shim/router.h"
#include "xrpc_shim/service_jwt.h"
#include "xrpc_shim/session_handlers.h"
#include "xrpc_shim/shim_metrics.h"
#include "xrpc_shim/shim_policy.h"
#include "xrpc_shim/signing_keys_handler.h"
#include "xrpc_shim/viewer_auth.h"
#include "xrpc_shim/well_known.h"

namespace tokens::xrpc {
namespace {

constexpr char kUsage[] =
    "Serves XRPC over HTTP in front of a token service: app.didpic.identity.mintWidgetToken, and methods to list and\n"
    "revoke widget tokens, for viewers who present an inter-service auth JWT or a DPoP-bound OAuth access token; and\n"
    "com.atproto.server.refreshSession, getSession and deleteSession, where the token service has sessions.\n\n"
    "  xrpc_shim --service_did=did:web:api.example.com --token_service=127.0.0.1:50051\n\n"
    "Each flag can also come from the environment: --tryfromenv=service_did reads FLAGS_service_did.\n"
    "SIGHUP reads the policy again; SIGTERM drains and exits 0; a refusal to start exits 2.";

constexpr int kRefreshThreads = 2;
constexpr absl::Duration kClientFetchTimeout = absl::Seconds(1);  // a mint waits for it

// The methods by which viewers manage their tokens.
struct TokenHandlers {
  TokenHandlers(const ViewerAuth& auth, TokenClient& client, FindClient find_client)
      : mint(auth, client, std::move(find_client)),
        list(auth, client),
        revoke(auth, client),
        revoke_all(auth, client) {}

  const MintHandler mint;
  const ListHandler list;
  const RevokeHandler revoke;
  const RevokeAllHandler revoke_all;
};

template <typename Handler>
XrpcHandler Calling(const Handler& handler, RateGate& rates) {
  return rates.Guard([&handler](const XrpcCall& call) { return handler.Handle(call); });
}

Router MakeRouter(const ServiceIdentity& identity, const TokenHandlers& handlers, TokenClient& client,
                  RateGate& rates) {
  Router router;
  router.AddPlain("/", [](const HttpRequest&) { return IndexResponse(); });
  router.AddPlain("/robots.txt", [](const HttpRequest&) { return RobotsResponse(); });
  router.AddPlain("/xrpc/_health", [&client](const HttpRequest& request) { return HealthResponse(client, request); });
  if (absl::StartsWith(identity.did, "did:web:")) {
    router.AddPlain("/.well-known/did.json", [identity](const HttpRequest&) { return DidDocumentResponse(identity); });
  }
  router.AddMethod(kMintWidgetToken, XrpcKind::kProcedure, Calling(handlers.mint, rates));
  router.AddMethod(kListWidgetTokens, XrpcKind::kQuery, Calling(handlers.list, rates));
  router.AddMethod(kRevokeWidgetToken, XrpcKind::kProcedure, Calling(handlers.revoke, rates));
  router.AddMethod(kRevokeAllWidgetTokens, XrpcKind::kProcedure, Calling(handlers.revoke_all, rates));
  return router;
}

void AddSessions(const SessionHandlers& sessions, SigningKeysHandler& keys, RateGate& rates, Router& router) {
  router.AddPlain("/.well-known/jwks.json", [&keys](const HttpRequest& request) { return keys.Handle(request); });
  const auto add = [&](const char* nsid, XrpcKind kind,
                       HttpResponse (SessionHandlers::*handle)(const XrpcCall&) const) {
    router.AddMethod(nsid, kind,
                     rates.Guard([&sessions, handle](const XrpcCall& call) { return (sessions.*handle)(call); }));
  };
  add(kRefreshSession, XrpcKind::kProcedure, &SessionHandlers::Refresh);
  add(kGetSession, XrpcKind::kQuery, &SessionHandlers::Get);
  add(kDeleteSession, XrpcKind::kProcedure, &SessionHandlers::Delete);
}

DidSourceOptions SourceOptions(const ShimConfig& config) {
  return {config.did_documents, config.plc_url, config.resolver_ca_file, config.allow_insecure_resolution,
          config.resolver_connect_to};
}

absl::StatusOr<ShimPolicy> ReadPolicy(const ShimConfig& config) {
  return ReadShimPolicy(config.policy, {.allow_http_issuers = config.allow_insecure_resolution,
                                        .knows_public_url = !config.public_url.empty()});
}

// Reads the policy again; with a fault the one in force stays.
void Reload(const ShimConfig& config, IssuerKeys& issuer_keys, RateGate& rates, ProgramMetrics& metrics) {
  const absl::StatusOr<ShimPolicy> policy = ReadPolicy(config);
  const absl::Status status = policy.ok() ? issuer_keys.Replace(policy->oauth_issuers) : policy.status();
  if (status.ok()) {
    rates.SetLimits(policy->per_address, policy->per_viewer);
    metrics.PolicyInForce(policy->digest, absl::Now());
  }
  metrics.Reloaded(Reloadable::kPolicy, status);
  LogFields fields;
  fields.detail = status.message();
  Log(status.ok() ? LogLevel::kInfo : LogLevel::kError, status.ok() ? "policy_reloaded" : "policy_rejected", fields);
}

HttpsFetcherOptions IssuerFetchOptions(const ShimConfig& config) {
  HttpsFetcherOptions options;
  options.ca_file = config.resolver_ca_file;
  options.allow_insecure = config.allow_insecure_resolution;
  options.connect_to = config.resolver_connect_to;
  return options;
}

HttpsFetcherOptions ClientFetchOptions(const ShimConfig& config) {
  HttpsFetcherOptions options = IssuerFetchOptions(config);
  options.timeout = kClientFetchTimeout;
  options.max_body_bytes = kMaxClientDocumentBytes;
  return options;
}

ClientDirectoryOptions ClientOptions() {
  ClientDirectoryOptions options;
  options.longest_wait = kClientFetchTimeout;
  return options;
}

// Many PDS share an authorization server, so one host may be asked for all of them at once.
HttpsFetcherOptions ServerFetchOptions(const ShimConfig& config) {
  HttpsFetcherOptions options = IssuerFetchOptions(config);
  options.max_fetches_per_host = options.max_fetches / 2;
  return options;
}

WebHosts HostsOf(const ShimConfig& config) {
  return config.allow_insecure_resolution ? WebHosts::kDevelopment : WebHosts::kPublic;
}

absl::StatusOr<DpopNonces> MakeNonces(const ShimConfig& config) {
  if (!config.dpop_secret.empty()) return DpopNonces::FromFile(config.dpop_secret);
  SystemRandom random;
  return DpopNonces::Create(random);
}

// What an `include:` grants, by the operator's folder of permission sets.
ResolveIncludedSet SetsIn(const std::string& folder) {
  if (folder.empty()) return [](const IncludedSet&) { return std::vector<RpcPermission>(); };
  return [folder](const IncludedSet& set) { return ReadPermissionSet(folder, set); };
}

HttpServerOptions ServerOptions(const ShimConfig& config) {
  HttpServerOptions options;
  options.listen = config.http_listen;
  options.workers = config.workers;
  options.max_connections = config.max_connections;
  return options;
}

int Run(const ShimConfig& config) {
  StopSignal stop;
  InitLog();
  const absl::StatusOr<ShimPolicy> policy = ReadPolicy(config);
  if (!policy.ok()) return RefuseLines("xrpc_shim", "--policy", policy.status());
  SystemClock clock;
  ShimMetrics metrics(clock.Now(), policy->digest);
  const auto certificates = CertificateFiles::Open(config.tls, "client", metrics.program().ObserverOfCertificates());
  if (!certificates.ok()) return RefuseLines("xrpc_shim", "--tls_…", certificates.status());
  const auto client = TokenClient::Create(config.token_service, (*certificates)->in_use());
  if (!client.ok()) return Refuse("xrpc_shim", {absl::StrCat("--tls_…: ", client.status().message())});
  const auto source = DidSource::Create(SourceOptions(config), AskSystemResolver);
  if (!source.ok())
    return Refuse("xrpc_shim", {absl::StrCat("--plc_url or --resolver_…: ", source.status().message())});

  DidResolver resolver([&source](const std::string& did) { return (*source)->Fetch(did); }, clock,
                       metrics.Observed(DidResolverOptions()));
  const DidRefresher refresher(resolver, kRefreshThreads);
  RateGate rates(
      metrics.Observed(RateGateOptions{policy->per_address, policy->per_viewer, config.client_address_header}), clock);
  const ResolveDid resolve_did = [&resolver](const std::string& did, Freshness freshness) {
    return resolver.Resolve(did, freshness);
  };
  ServiceJwtVerifier service_jwts(config.service_dids, resolve_did);

  const auto issuer_fetcher = HttpsFetcher::Create(IssuerFetchOptions(config), AskSystemResolver);
  if (!issuer_fetcher.ok())
    return Refuse("xrpc_shim", {absl::StrCat("--resolver_…: ", issuer_fetcher.status().message())});
  const auto issuer_keys = IssuerKeys::Create(
      policy->oauth_issuers,
      [&issuer_fetcher](const std::string& url) { return (*issuer_fetcher)->Get(url, "application/json"); }, clock);
  if (!issuer_keys.ok()) return RefuseLines("xrpc_shim", "--policy", issuer_keys.status());
  const absl::StatusOr<DpopNonces> nonces = MakeNonces(config);
  if (!nonces.ok()) return Refuse("xrpc_shim", {absl::StrCat("--dpop_secret: ", nonces.status().message())});
  const auto server_fetcher = HttpsFetcher::Create(ServerFetchOptions(config), AskSystemResolver);
  if (!server_fetcher.ok())
    return Refuse("xrpc_shim", {absl::StrCat("--resolver_…: ", server_fetcher.status().message())});
  AuthServerFinder servers([&server_fetcher](const std::string& url,
                                             const std::string& accept) { return (*server_fetcher)->Get(url, accept); },
                           clock, {.hosts = HostsOf(config)});
  const FindAccountIssuer find_issuer = [&](const std::string& did, Freshness freshness) {
    return FindIssuer(did, freshness, resolve_did, servers, HostsOf(config));
  };
  OauthTokenVerifier oauth_tokens(
      config.service_dids,
      [&issuer_keys](const std::string& iss, const std::string& kid) { return (*issuer_keys)->Find(iss, kid); },
      [&issuer_keys, &find_issuer](const std::string& iss, const std::string& did) {
        if ((*issuer_keys)->IsTrustedForAllAccounts(iss)) return absl::OkStatus();
        return CheckIssuerSpeaksFor(iss, did, find_issuer);
      },
      SetsIn(config.permission_sets));
  const ViewerAuth auth(std::move(service_jwts),
                        OauthViewerAuth(DpopVerifier(config.public_url, *nonces), std::move(oauth_tokens)), clock,
                        rates);
  const auto client_fetcher = HttpsFetcher::Create(ClientFetchOptions(config), AskSystemResolver);
  if (!client_fetcher.ok())
    return Refuse("xrpc_shim", {absl::StrCat("--resolver_…: ", client_fetcher.status().message())});
  ClientDirectory clients(
      [&client_fetcher](const std::string& url) { return (*client_fetcher)->Get(url, "application/json"); }, clock,
      ClientOptions());
  const TokenHandlers handlers(auth, **client, [&clients](const std::string& id) { return clients.Find(id); });
  const ServiceIdentity identity{ServiceDid(config), config.service_id, config.service_type, config.public_url};
  Router router = MakeRouter(identity, handlers, **client, rates);
  const SessionHandlers sessions(DpopVerifier(config.public_url, *nonces), **client, resolve_did, rates, clock);
  SigningKeysHandler signing_keys(**client, clock);
  AddSessions(sessions, signing_keys, rates, router);
  HttpServerOptions options = ServerOptions(config);
  options.complete = [&](HttpResponse* response) {
    OfferDpopNonce(*nonces, clock.Now(), response);
    if ((*issuer_keys)->any()) OfferDpopScheme(response);
  };
  const auto metrics_listener = metrics.Serve(config.metrics_listen);
  if (!metrics_listener.ok()) return RefuseLines("xrpc_shim", "--metrics_listen", metrics_listener.status());
  const auto server =
      HttpServer::Start(metrics.Observed(options), [&](const HttpRequest& request) { return router.Route(request); });
  if (!server.ok()) return Refuse("xrpc_shim", {absl::StrCat("--http_listen: ", server.status().message())});

  const std::string description = Describe(config);
  LogFields started;
  started.detail = description;
  Log(LogLevel::kInfo, "started", started);
  std::printf("listening http %s\n", (*server)->address().c_str());
  if (!config.metrics_listen.empty()) std::printf("listening metrics %s\n", (*metrics_listener)->address().c_str());
  std::fflush(stdout);

  stop.Wait([&] { Reload(config, **issuer_keys, rates, metrics.program()); });
  Log(LogLevel::kInfo, "draining");
  (*server)->Drain(config.drain_grace);
  Log(LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace
}  // namespace tokens::xrpc

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(
      absl::OnDeadlockCycle::kIgnore);  // Debian's default makes every lock 3-5 x slower
  absl::SetProgramUsageMessage(tokens::xrpc::kUsage);
  std::vector<std::string> faults = tokens::ParseFlags(argc, argv, {"service_did", "resolver_connect_to"});
  if (faults.empty()) faults = tokens::xrpc::Check(tokens::xrpc::ReadConfig());
  if (!faults.empty()) return tokens::Refuse("xrpc_shim", faults);
  const int code = tokens::xrpc::Run(tokens::xrpc::ReadConfig());
  tokens::FlushLog();
  return code;
}
