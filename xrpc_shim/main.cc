// xrpc_shim: the HTTP face of the token service for AT Protocol apps.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/usage.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "token_service/base/certificate_files.h"
#include "token_service/base/clock.h"
#include "token_service/base/flags.h"
#include "token_service/base/log.h"
#include "token_service/base/stop_signal.h"
#include "token_service/client/token_client.h"
#include "xrpc_shim/account_lookup.h"
#include "xrpc_shim/config.h"
#include "xrpc_shim/http_server.h"
#include "xrpc_shim/listener_certificate.h"
#include "xrpc_shim/rate_gate.h"
#include "xrpc_shim/routes.h"
#include "xrpc_shim/shim_metrics.h"
#include "xrpc_shim/shim_policy.h"
#include "xrpc_shim/viewer_authentication.h"

namespace tokens::xrpc {
namespace {

constexpr char kUsage[] =
    "Serves XRPC over HTTP in front of a token service: app.didpic.identity.mintWidgetToken, and methods to list and\n"
    "revoke widget tokens, for viewers who present an inter-service auth JWT or a DPoP-bound OAuth access token; and\n"
    "com.atproto.server.refreshSession, getSession and deleteSession, where the token service has sessions.\n\n"
    "  xrpc_shim --service_did=did:web:api.example.com --token_service=127.0.0.1:50051\n\n"
    "Each flag can also come from the environment: --tryfromenv=service_did reads FLAGS_service_did.\n"
    "SIGHUP reads the policy and the certificate of HTTPS again; SIGTERM drains and exits 0; a refusal to start exits "
    "2.";

absl::StatusOr<ShimPolicy> ReadPolicy(const ShimConfig& config) {
  return ReadShimPolicy(config.policy, {.allow_http_issuers = config.allow_insecure_resolution,
                                        .knows_public_url = !config.public_url.empty()});
}

// Reads the policy again; with a fault the one in force stays.
void ReloadPolicy(const ShimConfig& config, ViewerAuthentication& authentication, RateGate& rates,
                  ProgramMetrics& metrics) {
  const absl::StatusOr<ShimPolicy> policy = ReadPolicy(config);
  const absl::Status status = policy.ok() ? authentication.Replace(*policy) : policy.status();
  if (status.ok()) {
    rates.SetLimits(policy->per_address, policy->per_viewer);
    metrics.PolicyInForce(policy->digest, absl::Now());
  }
  metrics.Reloaded(Reloadable::kPolicy, status);
  LogFields fields;
  fields.detail = status.message();
  Log(status.ok() ? LogLevel::kInfo : LogLevel::kError, status.ok() ? "policy_reloaded" : "policy_rejected", fields);
}

// Null where the listener is to speak plain text.
absl::StatusOr<std::unique_ptr<ListenerCertificate>> OpenCertificate(const ShimConfig& config,
                                                                     ProgramMetrics& metrics) {
  if (config.http_tls_cert.empty()) return nullptr;
  return ListenerCertificate::Open(config.http_tls_cert, config.http_tls_key, metrics.ObserverOfCertificates());
}

HttpServerOptions ServerOptions(const ShimConfig& config, ListenerCertificate* certificate,
                                const ViewerAuthentication& authentication) {
  HttpServerOptions options;
  options.complete = [&authentication](HttpResponse* response) { authentication.OfferTo(response); };
  options.listen = config.http_listen;
  options.workers = config.workers;
  options.max_connections = config.max_connections;
  options.certificate = certificate;
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
  if (!client.ok()) return RefuseLines("xrpc_shim", "--tls_…", client.status());

  const auto accounts = AccountLookup::Create(config, metrics.Observed(DidResolverOptions()), clock);
  if (!accounts.ok()) return Refuse("xrpc_shim", absl::StrSplit(accounts.status().message(), '\n'));
  RateGate rates(
      metrics.Observed(RateGateOptions{policy->per_address, policy->per_viewer, config.client_address_header}), clock);
  const auto authentication = ViewerAuthentication::Create(config, *policy, **accounts, rates, clock);
  if (!authentication.ok()) return Refuse("xrpc_shim", absl::StrSplit(authentication.status().message(), '\n'));
  const Routes routes(config, **client, **accounts, **authentication, rates, clock);

  const auto certificate = OpenCertificate(config, metrics.program());
  if (!certificate.ok()) return RefuseLines("xrpc_shim", "--http_tls_cert, --http_tls_key", certificate.status());
  const auto metrics_listener = metrics.Serve(config.metrics_listen);
  if (!metrics_listener.ok()) return RefuseLines("xrpc_shim", "--metrics_listen", metrics_listener.status());
  const auto server = HttpServer::Start(metrics.Observed(ServerOptions(config, certificate->get(), **authentication)),
                                        [&routes](const HttpRequest& request) { return routes.Route(request); });
  if (!server.ok()) return RefuseLines("xrpc_shim", "--http_listen", server.status());

  const std::string description = Describe(config);
  LogFields started;
  started.detail = description;
  Log(LogLevel::kInfo, "started", started);
  std::printf("listening %s %s\n", *certificate == nullptr ? "http" : "https", (*server)->address().c_str());
  if (!config.metrics_listen.empty()) std::printf("listening metrics %s\n", (*metrics_listener)->address().c_str());
  std::fflush(stdout);

  stop.Wait([&] {
    ReloadPolicy(config, **authentication, rates, metrics.program());
    if (*certificate != nullptr) (*certificate)->Reload();
  });
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
