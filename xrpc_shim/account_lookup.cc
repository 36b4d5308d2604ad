#include "xrpc_shim/account_lookup.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "token_service/identity/host_lookup.h"
#include "token_service/identity/server_discovery.h"

namespace tokens::xrpc {
namespace {

constexpr int kRefreshThreads = 2;
constexpr absl::Duration kClientFetchTimeout = absl::Seconds(1);  // a mint waits for it

DidSourceOptions SourceOptions(const ShimConfig& config) {
  return {config.did_documents, config.plc_url, config.resolver_ca_file, config.allow_insecure_resolution,
          config.resolver_connect_to};
}

// Many PDS share an authorization server, so one host may be asked for all of them at once.
HttpsFetcherOptions ServerFetchOptions(const ShimConfig& config) {
  HttpsFetcherOptions options = FetchOptions(config);
  options.max_fetches_per_host = options.max_fetches / 2;
  return options;
}

HttpsFetcherOptions ClientFetchOptions(const ShimConfig& config) {
  HttpsFetcherOptions options = FetchOptions(config);
  options.timeout = kClientFetchTimeout;
  options.max_body_bytes = kMaxClientDocumentBytes;
  return options;
}

ClientDirectoryOptions ClientOptions() {
  ClientDirectoryOptions options;
  options.longest_wait = kClientFetchTimeout;
  return options;
}

absl::Status Faulty(absl::string_view flags, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat(flags, ": ", status.message()));
}

}  // namespace

HttpsFetcherOptions FetchOptions(const ShimConfig& config) {
  HttpsFetcherOptions options;
  options.ca_file = config.resolver_ca_file;
  options.allow_insecure = config.allow_insecure_resolution;
  options.connect_to = config.resolver_connect_to;
  return options;
}

absl::StatusOr<std::unique_ptr<AccountLookup>> AccountLookup::Create(const ShimConfig& config,
                                                                     const DidResolverOptions& options, Clock& clock) {
  auto source = DidSource::Create(SourceOptions(config), AskSystemResolver);
  if (!source.ok()) return Faulty("--plc_url or --resolver_…", source.status());
  auto server_fetcher = HttpsFetcher::Create(ServerFetchOptions(config), AskSystemResolver);
  if (!server_fetcher.ok()) return Faulty("--resolver_…", server_fetcher.status());
  auto client_fetcher = HttpsFetcher::Create(ClientFetchOptions(config), AskSystemResolver);
  if (!client_fetcher.ok()) return Faulty("--resolver_…", client_fetcher.status());
  return std::unique_ptr<AccountLookup>(new AccountLookup(config, options, clock, *std::move(source),
                                                          *std::move(server_fetcher), *std::move(client_fetcher)));
}

AccountLookup::AccountLookup(const ShimConfig& config, const DidResolverOptions& options, Clock& clock,
                             std::unique_ptr<DidSource> source, std::unique_ptr<HttpsFetcher> server_fetcher,
                             std::unique_ptr<HttpsFetcher> client_fetcher)
    : hosts_(config.allow_insecure_resolution ? WebHosts::kDevelopment : WebHosts::kPublic),
      source_(std::move(source)),
      server_fetcher_(std::move(server_fetcher)),
      client_fetcher_(std::move(client_fetcher)),
      resolver_([this](const std::string& did) { return source_->Fetch(did); }, clock, options),
      refresher_(resolver_, kRefreshThreads),
      servers_([this](const std::string& url, const std::string& accept) { return server_fetcher_->Get(url, accept); },
               clock, {.hosts = hosts_}),
      clients_([this](const std::string& url) { return client_fetcher_->Get(url, "application/json"); }, clock,
               ClientOptions()) {}

ResolveDid AccountLookup::resolve_did() {
  return [this](const std::string& did, Freshness freshness) { return resolver_.Resolve(did, freshness); };
}

FindAccountIssuer AccountLookup::find_issuer() {
  return [this, resolve_did = resolve_did()](const std::string& did, Freshness freshness) {
    return FindIssuer(did, freshness, resolve_did, servers_, hosts_);
  };
}

FindClient AccountLookup::find_client() {
  return [this](const std::string& id) { return clients_.Find(id); };
}

}  // namespace tokens::xrpc
