#ifndef TOKEN_SERVICE_IDENTITY_HANDLE_RESOLVER_H_
#define TOKEN_SERVICE_IDENTITY_HANDLE_RESOLVER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/identity/fetch_cache.h"
#include "token_service/identity/https_fetcher.h"
#include "token_service/identity/txt_lookup.h"

namespace tokens {

// What is known of the DID of a handle. Every error's text begins with the id of what is wrong, by which
// docs/errors.md lists them. NOT_FOUND: there is none. FAILED_PRECONDITION: what there is breaks a rule. UNAVAILABLE or
// DEADLINE_EXCEEDED: could not tell.
struct HandleAnswer {
  absl::StatusOr<std::string> dns;
  absl::StatusOr<std::string> https;  // CANCELLED: not asked, DNS has settled it.
  absl::StatusOr<std::string> did;    // What counts. Claimed by the handle only: does the DID's document agree?
};

struct HandleResolverOptions {
  absl::Duration fresh_for = absl::Minutes(10);     // How long a DID is believed,
  absl::Duration absent_for = absl::Minutes(1);     // and how long that there is none.
  absl::Duration longest_wait = absl::Seconds(10);  // For another caller's look-ups, by the real clock.
  size_t max_handles = 10'000;                      // About 1 KiB each.
};

// Handles to DIDs (https://atproto.com/specs/handle#handle-resolution): the TXT records of _atproto.HANDLE, then
// https://HANDLE/.well-known/atproto-did. DNS wins: where it has a record, good or bad, HTTPS is not asked, so an
// ambiguous name is nobody's rather than whoever's its web server says. Where the name server fails, HTTPS decides, for
// this time only. Thread-safe; blocks for both look-ups, one after the other.
class HandleResolver {
 public:
  // `clock` and whatever the functions refer to must outlive this.
  HandleResolver(AskTxt ask_txt, GetUrl get, Clock& clock, const HandleResolverOptions& options);

  // `handle`: from ParseHandle.
  HandleAnswer Resolve(const std::string& handle);

 private:
  const AskTxt ask_txt_;
  const GetUrl get_;
  const HandleResolverOptions options_;
  FetchCache<HandleAnswer> cache_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_HANDLE_RESOLVER_H_
