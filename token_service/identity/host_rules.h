#ifndef TOKEN_SERVICE_IDENTITY_HOST_RULES_H_
#define TOKEN_SERVICE_IDENTITY_HOST_RULES_H_

#include "absl/strings/string_view.h"

namespace tokens {

// Which hosts an account may name: its own as a handle or a did:web, its server's.
enum class WebHosts {
  kPublic,       // Host names outside the reserved top-level domains.
  kDevelopment,  // Also `.test`, and `localhost` with or without a port, which is asked by http.
};

// True if `host` is a name with two labels at least whose top-level domain `hosts` takes
// (https://atproto.com/specs/handle#additional-non-syntax-restrictions). Keeps IP addresses out.
bool IsTakenBy(WebHosts hosts, absl::string_view host);

// True if `url` is a bare origin in the one way to write it: https (kDevelopment: or http), a lower-case host, and a
// port only where it is not the scheme's own. No path, not even "/", no query, fragment or credentials. Does not judge
// the host: HttpsFetcher does, by its addresses.
bool IsOrigin(WebHosts hosts, absl::string_view url);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_HOST_RULES_H_
