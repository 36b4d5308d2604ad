#ifndef TOKEN_SERVICE_IDENTITY_CLIENT_ID_H_
#define TOKEN_SERVICE_IDENTITY_CLIENT_ID_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tokens {

inline constexpr size_t kMaxClientIdBytes = 2048;

// True for the id of a loopback client: a development client on the user's own machine, which has no document to fetch
// (loopback_client.h).
bool IsLoopbackClientId(absl::string_view client_id);

// OK if `client_id` is the URL of a client metadata document by the rules for such URLs; otherwise ClientRejected.
// Pure.
absl::Status CheckDiscoverableClientId(const std::string& client_id);

// True for a host name that means something else on every network: one label only, or a top-level domain reserved for
// tests and local use (RFC 6761). `host` is in lower case, as Url has it. False for IP addresses.
bool IsLocalHostname(absl::string_view host);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_CLIENT_ID_H_
