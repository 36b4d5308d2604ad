#ifndef TOKEN_SERVICE_IDENTITY_LOOKUP_H_
#define TOKEN_SERVICE_IDENTITY_LOOKUP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "token_service/base/clock.h"
#include "token_service/config.h"
#include "token_service/diagnosis_rpc.h"
#include "token_service/identity/account_discovery.h"
#include "token_service/identity/client_directory.h"
#include "token_service/identity/https_fetcher.h"
#include "token_service/session_rotator.h"

namespace tokens {

// All by which this program asks other hosts, which it does only with --fetch_identity. Without it there is no object
// (null), and the functions below answer FetchOff(). Thread-safe.
class IdentityLookup {
 public:
  // Null without config.fetch_identity. `clock` must outlive this. INVALID_ARGUMENT if the flags contradict each other.
  static absl::StatusOr<std::unique_ptr<IdentityLookup>> Create(const ServiceConfig& config, Clock& clock);

  HttpsFetcher& documents() { return *documents_; }
  ClientDirectory& clients() { return clients_; }
  const AccountDiscovery& accounts() const { return *accounts_; }

 private:
  IdentityLookup(std::unique_ptr<HttpsFetcher> documents, std::unique_ptr<AccountDiscovery> accounts, Clock& clock);

  const std::unique_ptr<HttpsFetcher> documents_;  // Of OAuth clients.
  ClientDirectory clients_;
  const std::unique_ptr<AccountDiscovery> accounts_;
};

// What the parts of this program need of it. `lookup` may be null; otherwise it must outlive what is returned.
ClientLookup SessionClientsBy(IdentityLookup* lookup);
GetJson DocumentsBy(IdentityLookup* lookup);
DiscoverAccount AccountsBy(IdentityLookup* lookup);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_LOOKUP_H_
