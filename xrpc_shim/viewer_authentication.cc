#include "xrpc_shim/viewer_authentication.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "token_service/base/random.h"
#include "token_service/identity/host_lookup.h"
#include "xrpc_shim/dpop_proof.h"
#include "xrpc_shim/oauth_token.h"
#include "xrpc_shim/oauth_viewer.h"
#include "xrpc_shim/permission_set.h"
#include "xrpc_shim/service_jwt.h"

namespace tokens::xrpc {
namespace {

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

OauthTokenVerifier MakeTokenVerifier(const ShimConfig& config, IssuerKeys& keys, const FindAccountIssuer& find_issuer) {
  return OauthTokenVerifier(
      config.service_dids, [&keys](const std::string& iss, const std::string& kid) { return keys.Find(iss, kid); },
      [&keys, &find_issuer](const std::string& iss, const std::string& did) {
        if (keys.IsTrustedForAllAccounts(iss)) return absl::OkStatus();
        return CheckIssuerSpeaksFor(iss, did, find_issuer);
      },
      SetsIn(config.permission_sets));
}

// Each line of the message begins with `flag`.
absl::Status Faulty(absl::string_view flag, const absl::Status& status) {
  const std::vector<absl::string_view> lines = absl::StrSplit(status.message(), '\n');
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", absl::StrJoin(lines, absl::StrCat("\n", flag, ": "))));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ViewerAuthentication>> ViewerAuthentication::Create(const ShimConfig& config,
                                                                                   const ShimPolicy& policy,
                                                                                   AccountLookup& accounts,
                                                                                   RateGate& rates, Clock& clock) {
  auto fetcher = HttpsFetcher::Create(FetchOptions(config), AskSystemResolver);
  if (!fetcher.ok()) return Faulty("--resolver_…", fetcher.status());
  auto issuer_keys = IssuerKeys::Create(
      policy.oauth_issuers, [&get = **fetcher](const std::string& url) { return get.Get(url, "application/json"); },
      clock);
  if (!issuer_keys.ok()) return Faulty("--policy", issuer_keys.status());
  absl::StatusOr<DpopNonces> nonces = MakeNonces(config);
  if (!nonces.ok()) return Faulty("--dpop_secret", nonces.status());
  return std::unique_ptr<ViewerAuthentication>(new ViewerAuthentication(
      config, accounts, rates, clock, *std::move(fetcher), *std::move(issuer_keys), *std::move(nonces)));
}

ViewerAuthentication::ViewerAuthentication(const ShimConfig& config, AccountLookup& accounts, RateGate& rates,
                                           Clock& clock, std::unique_ptr<HttpsFetcher> fetcher,
                                           std::unique_ptr<IssuerKeys> issuer_keys, DpopNonces nonces)
    : clock_(clock),
      find_issuer_(accounts.find_issuer()),
      fetcher_(std::move(fetcher)),
      issuer_keys_(std::move(issuer_keys)),
      nonces_(std::move(nonces)),
      auth_(ServiceJwtVerifier(config.service_dids, accounts.resolve_did()),
            OauthViewerAuth(DpopVerifier(config.public_url, nonces_),
                            MakeTokenVerifier(config, *issuer_keys_, find_issuer_)),
            clock, rates) {}

absl::Status ViewerAuthentication::Replace(const ShimPolicy& policy) {
  return issuer_keys_->Replace(policy.oauth_issuers);
}

void ViewerAuthentication::OfferTo(HttpResponse* response) const {
  OfferDpopNonce(nonces_, clock_.Now(), response);
  if (issuer_keys_->any()) OfferDpopScheme(response);
}

}  // namespace tokens::xrpc
