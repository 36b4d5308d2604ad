#ifndef TOKEN_SERVICE_IDENTITY_DID_WEB_H_
#define TOKEN_SERVICE_IDENTITY_DID_WEB_H_

#include <string>

#include "absl/status/statusor.h"
#include "token_service/identity/host_rules.h"
#include "token_service/identity/https_fetcher.h"

namespace tokens {

// The URL of the document of `did`, a valid atproto did:web (https://atproto.com/specs/did).
// NOT_FOUND if its host is none that `hosts` takes: such an account does not exist for us.
absl::StatusOr<std::string> WebDocumentUrl(const std::string& did, WebHosts hosts);

// The document that the host of `did` gives. Any content type is taken.
// NOT_FOUND: the host is not one we take, does not exist, is at forbidden addresses only (a hostile DID, not an
// outage), or answers 404 or 410. UNAVAILABLE: any other answer that is not 2xx, and what HttpsFetcher::Get calls
// unavailable. DEADLINE_EXCEEDED: too slow.
absl::StatusOr<std::string> FetchWebDocument(HttpsFetcher& fetcher, const std::string& did, WebHosts hosts);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_DID_WEB_H_
