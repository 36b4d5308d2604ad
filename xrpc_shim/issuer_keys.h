#ifndef XRPC_SHIM_ISSUER_KEYS_H_
#define XRPC_SHIM_ISSUER_KEYS_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"
#include "token_service/identity/https_fetcher.h"
#include "token_service/jose/signing_key.h"
#include "xrpc_shim/shim_policy.h"

namespace tokens::xrpc {

// Gets a URL, with the errors of HttpsFetcher::Get. Thread-safe; blocks for a bounded time.
using FetchUrl = std::function<absl::StatusOr<HttpReply>(const std::string& url)>;

// How long fetched keys are used before they are fetched again: a key that an issuer withdrew must be noticed.
inline constexpr absl::Duration kIssuerKeysFreshFor = absl::Minutes(10);
// How long they are used at most, where fetching them again fails.
inline constexpr absl::Duration kIssuerKeysUsableFor = absl::Hours(1);
// Least time between two fetches from an issuer, whatever `kid` a stranger makes up.
inline constexpr absl::Duration kIssuerKeysRefetchInterval = absl::Seconds(30);

// The keys of the policy's issuers, from a file (read once) or from `jwks_uri` of the issuer's metadata (RFC 8414).
// Ages are distances between two readings of the clock: a clock set back makes keys older, never younger. Thread-safe.
class IssuerKeys {
 public:
  // Reads the files. `clock` and whatever `fetch` refers
  // to must outlive this. INVALID_ARGUMENT if a file is not a JWK set; otherwise as ReadFile.
  static absl::StatusOr<std::unique_ptr<IssuerKeys>> Create(const std::vector<OauthIssuer>& issuers, FetchUrl fetch,
                                                            Clock& clock);

  ~IssuerKeys();

  // As FindIssuerKey says. Blocks for two fetches at most, and for those of one other caller.
  absl::StatusOr<SigningKey> Find(const std::string& iss, const std::string& kid);

  // From now on these issuers and no others. Their files are read again; keys that were fetched from an issuer that
  // stays are kept. On an error, as of Create, nothing changes.
  absl::Status Replace(const std::vector<OauthIssuer>& issuers);

  // True if the policy says that this issuer's tokens are taken for the accounts of every PDS. False for one that is
  // not in force (any more).
  bool IsTrustedForAllAccounts(const std::string& iss) const;

  // True if there is any issuer.
  bool any() const;

 private:
  class Issuer;
  using Issuers = std::map<std::string, std::shared_ptr<Issuer>>;

  IssuerKeys(FetchUrl fetch, Clock& clock);

  const FetchUrl fetch_;
  Clock& clock_;
  mutable Mutex mutex_;
  Issuers issuers_ ABSL_GUARDED_BY(mutex_);  // By URL. Shared with the calls that use them while they are replaced.
  std::set<std::string> trusted_for_all_ ABSL_GUARDED_BY(mutex_);  // URLs.
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_ISSUER_KEYS_H_
