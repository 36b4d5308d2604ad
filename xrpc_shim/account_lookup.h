#ifndef XRPC_SHIM_ACCOUNT_LOOKUP_H_
#define XRPC_SHIM_ACCOUNT_LOOKUP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "token_service/base/clock.h"
#include "token_service/identity/auth_server_finder.h"
#include "token_service/identity/client_directory.h"
#include "token_service/identity/did_refresher.h"
#include "token_service/identity/did_resolver.h"
#include "token_service/identity/did_source.h"
#include "token_service/identity/https_fetcher.h"
#include "xrpc_shim/config.h"
#include "xrpc_shim/issuer_authority.h"
#include "xrpc_shim/mint_handler.h"

namespace tokens::xrpc {

// What the network says about accounts and clients: DID documents, the issuers that speak for accounts, the metadata of
// OAuth clients. Each comes by a fetcher with limits of its own, so that none can starve another. Thread-safe. The
// functions it gives refer to it, and it must outlive them.
class AccountLookup {
 public:
  // An error is one line that names the flag. `clock` must outlive this.
  static absl::StatusOr<std::unique_ptr<AccountLookup>> Create(const ShimConfig& config,
                                                               const DidResolverOptions& options, Clock& clock);

  ResolveDid resolve_did();
  FindAccountIssuer find_issuer();
  FindClient find_client();

 private:
  AccountLookup(const ShimConfig& config, const DidResolverOptions& options, Clock& clock,
                std::unique_ptr<DidSource> source, std::unique_ptr<HttpsFetcher> server_fetcher,
                std::unique_ptr<HttpsFetcher> client_fetcher);

  const WebHosts hosts_;
  const std::unique_ptr<DidSource> source_;
  const std::unique_ptr<HttpsFetcher> server_fetcher_;
  const std::unique_ptr<HttpsFetcher> client_fetcher_;
  DidResolver resolver_;
  const DidRefresher refresher_;
  AuthServerFinder servers_;
  ClientDirectory clients_;
};

// How https is spoken with hosts that strangers name.
HttpsFetcherOptions FetchOptions(const ShimConfig& config);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_ACCOUNT_LOOKUP_H_
