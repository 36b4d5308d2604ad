#ifndef TOKEN_SERVICE_IDENTITY_AUTH_SERVER_FINDER_H_
#define TOKEN_SERVICE_IDENTITY_AUTH_SERVER_FINDER_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/identity/fetch_cache.h"
#include "token_service/identity/host_rules.h"
#include "token_service/identity/https_fetcher.h"

namespace tokens {

// Who issues OAuth tokens for the accounts of a PDS. Every error's text begins with the ids of the rules that are
// broken (server_metadata.h). FAILED_PRECONDITION: they are. UNAVAILABLE or DEADLINE_EXCEEDED: could not tell.
struct AuthServer {
  std::string issuer;       // Empty if `resource` is not OK; not to be relied on if `server` is not.
  bool pds_itself = false;  // The PDS has no protected-resource metadata and so is its own authorization server.
  absl::Status resource;    // The metadata of the PDS,
  absl::Status server;      // and those of the issuer. CANCELLED: not asked for, `resource` is not OK.
};

struct AuthServerFinderOptions {
  WebHosts hosts = WebHosts::kPublic;
  absl::Duration fresh_for = absl::Seconds(60);
  absl::Duration longest_wait = absl::Seconds(8);  // For another caller's fetches, by the real clock.
  size_t max_servers = 10'000;                     // About 500 bytes each.
};

// Asks a PDS for its authorization server and that one for its metadata (https://atproto.com/specs/oauth#authorization
// -server-metadata, RFC 9728, RFC 8414), and checks every rule of both. A PDS that answers 404 is taken for its own
// authorization server, as the reference client does: older servers have no such document, and what they say as an
// authorization server is checked all the same. Answers, good or bad, are kept; outages are not. Thread-safe; blocks
// for two fetches.
class AuthServerFinder {
 public:
  // `clock` and whatever `get` refers to must outlive this.
  AuthServerFinder(GetUrl get, Clock& clock, const AuthServerFinderOptions& options);

  // `pds` must be an origin that IsOrigin takes.
  AuthServer Find(const std::string& pds);

 private:
  AuthServer Ask(const std::string& pds) const;

  const GetUrl get_;
  const AuthServerFinderOptions options_;
  FetchCache<AuthServer> cache_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_AUTH_SERVER_FINDER_H_
