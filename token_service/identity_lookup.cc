#include "token_service/identity_lookup.h"

#include <string>
#include <utility>

namespace tokens {
namespace {

constexpr absl::Duration kDocumentTimeout = absl::Seconds(5);  // two of them fit into the default --drain_grace

GetJson GetBy(HttpsFetcher& fetcher) {
  return [&fetcher](const std::string& url) { return fetcher.Get(url, "application/json"); };
}

}  // namespace

IdentityLookup::IdentityLookup(std::unique_ptr<HttpsFetcher> documents, std::unique_ptr<AccountDiscovery> accounts,
                               Clock& clock)
    : documents_(std::move(documents)), clients_(GetBy(*documents_), clock, {}), accounts_(std::move(accounts)) {}

absl::StatusOr<std::unique_ptr<IdentityLookup>> IdentityLookup::Create(const ServiceConfig& config, Clock& clock) {
  if (!config.fetch_identity) return std::unique_ptr<IdentityLookup>();
  HttpsFetcherOptions documents;
  documents.timeout = kDocumentTimeout;
  documents.max_body_bytes = kMaxClientDocumentBytes;
  documents.ca_file = config.resolver_ca_file;
  documents.allow_insecure = config.allow_insecure_resolution;
  documents.connect_to = config.resolver_connect_to;
  auto fetcher = HttpsFetcher::Create(documents, AskSystemResolver);
  if (!fetcher.ok()) return fetcher.status();
  AccountDiscoveryOptions accounts;
  accounts.dids = {"", config.plc_url, config.resolver_ca_file, config.allow_insecure_resolution,
                   config.resolver_connect_to};
  accounts.dns_servers = config.dns_servers;
  auto discovery = AccountDiscovery::Create(accounts, AskSystemResolver, clock);
  if (!discovery.ok()) return discovery.status();
  return std::unique_ptr<IdentityLookup>(new IdentityLookup(*std::move(fetcher), *std::move(discovery), clock));
}

ClientLookup SessionClientsBy(IdentityLookup* lookup) {
  if (lookup == nullptr) return [](const std::string&) { return FetchOff(); };
  return [lookup](const std::string& client_id) -> absl::StatusOr<storage::SessionClient> {
    const absl::StatusOr<ClientType> type = lookup->clients().TypeOf(client_id);
    if (!type.ok()) return type.status();
    return *type == ClientType::kConfidential ? storage::SessionClient::kConfidential : storage::SessionClient::kPublic;
  };
}

GetJson DocumentsBy(IdentityLookup* lookup) {
  if (lookup == nullptr) return nullptr;
  return GetBy(lookup->documents());
}

DiscoverAccount AccountsBy(IdentityLookup* lookup) {
  if (lookup == nullptr) return nullptr;
  return [lookup](absl::string_view account) { return lookup->accounts().Discover(account); };
}

}  // namespace tokens
