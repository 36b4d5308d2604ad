#ifndef XRPC_SHIM_VIEWER_AUTHENTICATION_H_
#define XRPC_SHIM_VIEWER_AUTHENTICATION_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "token_service/base/clock.h"
#include "token_service/identity/https_fetcher.h"
#include "xrpc_shim/account_lookup.h"
#include "xrpc_shim/config.h"
#include "xrpc_shim/dpop_nonce.h"
#include "xrpc_shim/http_message.h"
#include "xrpc_shim/issuer_keys.h"
#include "xrpc_shim/rate_gate.h"
#include "xrpc_shim/shim_policy.h"
#include "xrpc_shim/viewer_auth.h"

namespace tokens::xrpc {

// All that ViewerAuth stands on, put together: service JWTs by the accounts' keys, access tokens by the issuers' keys
// and word, DPoP proofs by their nonces. Thread-safe.
class ViewerAuthentication {
 public:
  // INVALID_ARGUMENT if something cannot be used: a line for each fault, beginning with the flag. `accounts`, `rates`
  // and `clock` must outlive this.
  static absl::StatusOr<std::unique_ptr<ViewerAuthentication>> Create(const ShimConfig& config,
                                                                      const ShimPolicy& policy, AccountLookup& accounts,
                                                                      RateGate& rates, Clock& clock);

  const ViewerAuth& viewers() const { return auth_; }
  const DpopNonces& nonces() const { return nonces_; }

  // Takes the issuers of a new policy; with a fault those in force stay.
  absl::Status Replace(const ShimPolicy& policy);

  // Adds to an answer how a viewer may authenticate.
  void OfferTo(HttpResponse* response) const;

 private:
  ViewerAuthentication(const ShimConfig& config, AccountLookup& accounts, RateGate& rates, Clock& clock,
                       std::unique_ptr<HttpsFetcher> fetcher, std::unique_ptr<IssuerKeys> issuer_keys,
                       DpopNonces nonces);

  Clock& clock_;
  const FindAccountIssuer find_issuer_;
  const std::unique_ptr<HttpsFetcher> fetcher_;  // Of the issuers' keys.
  const std::unique_ptr<IssuerKeys> issuer_keys_;
  const DpopNonces nonces_;
  const ViewerAuth auth_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_VIEWER_AUTHENTICATION_H_
