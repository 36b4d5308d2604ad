#ifndef TOKEN_SERVICE_IDENTITY_DID_SOURCE_H_
#define TOKEN_SERVICE_IDENTITY_DID_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "token_service/identity/did_web.h"
#include "token_service/identity/https_fetcher.h"

namespace tokens {

struct DidSourceOptions {
  std::string folder;   // Of static documents, asked first. Empty: none.
  std::string plc_url;  // Of the did:plc directory. Empty: did:plc comes from the folder only.
  std::string ca_file;  // As in HttpsFetcherOptions, as are the two at the end.
  bool allow_insecure = false;
  std::vector<std::string> connect_to;
};

// Where DID documents come from: the folder, then the directory or the did:web host. Keeps nothing; see DidResolver.
// Thread-safe.
class DidSource {
 public:
  // INVALID_ARGUMENT if the options contradict each other or plc_url is not a URL that they allow.
  static absl::StatusOr<std::unique_ptr<DidSource>> Create(const DidSourceOptions& options, AskResolver ask_resolver);

  // The bytes of the document of `did`, at most 64 KiB, unread. Blocks for 3 s at most.
  // NOT_FOUND: there is no such DID, or it is of a kind that no atproto account has. UNAVAILABLE or DEADLINE_EXCEEDED:
  // could not tell.
  absl::StatusOr<std::string> Fetch(const std::string& did);

 private:
  DidSource(DidSourceOptions options, std::unique_ptr<HttpsFetcher> plc_fetcher,
            std::unique_ptr<HttpsFetcher> web_fetcher);

  const DidSourceOptions options_;
  // Two, so that slow did:web hosts, of which anybody can make any number, leave did:plc its share of fetches.
  const std::unique_ptr<HttpsFetcher> plc_fetcher_;
  const std::unique_ptr<HttpsFetcher> web_fetcher_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_DID_SOURCE_H_
