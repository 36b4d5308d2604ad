#ifndef XRPC_SHIM_ISSUER_KEYS_H_
#define XRPC_SHIM_ISSUER_KEYS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/identity/https_fetcher.h"
#include "token_service/jose/signing_key.h"

namespace tokens::xrpc {

// Gets a URL, with the errors of HttpsFetcher::Get. Thread-safe; blocks for a bounded time.
using FetchUrl = std::function<absl::StatusOr<HttpReply>(const std::string& url)>;

// How long fetched keys are used before they are fetched again: a key that an issuer withdrew must be noticed.
inline constexpr absl::Duration kIssuerKeysFreshFor = absl::Minutes(10);
// How long they are used at most, where fetching them again fails.
inline constexpr absl::Duration kIssuerKeysUsableFor = absl::Hours(1);
// Least time between two fetches from an issuer, whatever `kid` a stranger makes up.
inline constexpr absl::Duration kIssuerKeysRefetchInterval = absl::Seconds(30);

// The keys of the configured issuers, from a file (read once) or from `jwks_uri` of the issuer's metadata (RFC 8414).
// Ages are distances between two readings of the clock: a clock set back makes keys older, never younger. Thread-safe.
class IssuerKeys {
 public:
  // `issuers`: "URL" or "URL=JWKS_FILE" each. The URL is an origin, compared byte by byte with `iss`; for which
  // accounts it speaks is not looked at here. Reads the files. `clock` and whatever `fetch` refers to must outlive
  // this. INVALID_ARGUMENT if a URL is no origin or occurs twice, or its file is not a JWK set; otherwise as ReadFile.
  static absl::StatusOr<std::unique_ptr<IssuerKeys>> Create(const std::vector<std::string>& issuers,
                                                            const FetchUrl& fetch, Clock& clock);

  ~IssuerKeys();

  // As FindIssuerKey says. Blocks for two fetches at most, and for those of one other caller.
  absl::StatusOr<SigningKey> Find(const std::string& iss, const std::string& kid);

 private:
  class Issuer;

  IssuerKeys();

  std::map<std::string, std::unique_ptr<Issuer>> issuers_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_ISSUER_KEYS_H_
