#ifndef TOKEN_SERVICE_IDENTITY_ACCOUNT_DISCOVERY_H_
#define TOKEN_SERVICE_IDENTITY_ACCOUNT_DISCOVERY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/base/clock.h"
#include "token_service/identity/did_source.h"
#include "token_service/identity/host_lookup.h"
#include "token_service/identity/server_discovery.h"

namespace tokens {

struct AccountDiscoveryOptions {
  DidSourceOptions dids;    // Its CA file and development options hold for all other fetches, too.
  std::string dns_servers;  // As in TxtLookupOptions.
};

// ServerDiscovery with everything it stands on: the network, and caches in front of it. Nothing is fetched that nobody
// asks for. Thread-safe.
class AccountDiscovery {
 public:
  // `clock` must outlive this. INVALID_ARGUMENT if the options contradict each other.
  static absl::StatusOr<std::unique_ptr<AccountDiscovery>> Create(const AccountDiscoveryOptions& options,
                                                                  const AskResolver& ask_resolver, Clock& clock);

  // As ServerDiscovery::Discover. Blocks for 15 s at most: DNS, a DID document and three pages, 3 s each.
  Discovery Discover(absl::string_view handle_or_did) const { return discovery_.Discover(handle_or_did); }

 private:
  AccountDiscovery(const AccountDiscoveryOptions& options, std::unique_ptr<DidSource> source,
                   std::unique_ptr<HttpsFetcher> fetcher, Clock& clock);

  const std::unique_ptr<DidSource> source_;
  const std::unique_ptr<HttpsFetcher> fetcher_;
  DidResolver dids_;
  HandleResolver handles_;
  AuthServerFinder servers_;
  const ServerDiscovery discovery_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_ACCOUNT_DISCOVERY_H_
