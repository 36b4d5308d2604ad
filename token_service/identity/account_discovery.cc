#include "token_service/identity/account_discovery.h"

#include <utility>

namespace tokens {
namespace {

WebHosts HostsOf(const AccountDiscoveryOptions& options) {
  return options.dids.allow_insecure ? WebHosts::kDevelopment : WebHosts::kPublic;
}

GetUrl GetBy(HttpsFetcher& fetcher) {
  return [&fetcher](const std::string& url, const std::string& accept) { return fetcher.Get(url, accept); };
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccountDiscovery>> AccountDiscovery::Create(const AccountDiscoveryOptions& options,
                                                                           const AskResolver& ask_resolver,
                                                                           Clock& clock) {
  auto source = DidSource::Create(options.dids, ask_resolver);
  if (!source.ok()) return source.status();
  HttpsFetcherOptions fetching;
  fetching.ca_file = options.dids.ca_file;
  fetching.allow_insecure = options.dids.allow_insecure;
  fetching.connect_to = options.dids.connect_to;
  auto fetcher = HttpsFetcher::Create(fetching, ask_resolver);
  if (!fetcher.ok()) return fetcher.status();
  return std::unique_ptr<AccountDiscovery>(
      new AccountDiscovery(options, *std::move(source), *std::move(fetcher), clock));
}

AccountDiscovery::AccountDiscovery(const AccountDiscoveryOptions& options, std::unique_ptr<DidSource> source,
                                   std::unique_ptr<HttpsFetcher> fetcher, Clock& clock)
    : source_(std::move(source)),
      fetcher_(std::move(fetcher)),
      dids_([this](const std::string& did) { return source_->Fetch(did); }, clock, DidResolverOptions()),
      handles_([servers = options.dns_servers](
                   const std::string& name) { return FindTxtRecords(name, {.servers = servers}); },
               GetBy(*fetcher_), clock, HandleResolverOptions()),
      servers_(GetBy(*fetcher_), clock, AuthServerFinderOptions{.hosts = HostsOf(options)}),
      discovery_([this](const std::string& did, Freshness freshness) { return dids_.Resolve(did, freshness); },
                 [this](const std::string& handle) { return handles_.Resolve(handle); }, servers_, HostsOf(options)) {}

}  // namespace tokens
