#ifndef TOKEN_SERVICE_IDENTITY_REDIRECT_URI_H_
#define TOKEN_SERVICE_IDENTITY_REDIRECT_URI_H_

#include <string>

#include "absl/status/status.h"
#include "token_service/identity/url.h"

namespace tokens {

// What an OAuth client runs as (OpenID Connect Dynamic Client Registration §2).
enum class ApplicationType { kWeb, kNative };

// True for the addresses of the machine itself, the only two that a redirect URI may name over http.
bool IsLoopbackAddress(const std::string& host);

// OK if a client with the (valid) id `client_id` may register the redirect URI `uri`; otherwise ClientRejected, by the
// first rule that `uri` breaks in the order of atproto's profile: credentials, "localhost", loopback addresses, http,
// https, private-use schemes (RFC 8252 §7), anything else. Pure.
absl::Status CheckRedirectUri(const std::string& uri, ApplicationType type, const Url& client_id);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_REDIRECT_URI_H_
