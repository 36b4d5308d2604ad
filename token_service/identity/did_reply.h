#ifndef TOKEN_SERVICE_IDENTITY_DID_REPLY_H_
#define TOKEN_SERVICE_IDENTITY_DID_REPLY_H_

#include <string>

#include "absl/status/statusor.h"
#include "token_service/identity/https_fetcher.h"

namespace tokens {

// What we ask a directory or a did:web host for.
inline constexpr char kDidDocumentTypes[] = "application/did+ld+json, application/json";

// The document in `reply`. NOT_FOUND for 404 and 410, UNAVAILABLE for any other status that is not 2xx.
absl::StatusOr<std::string> DocumentIn(HttpReply reply, const std::string& did);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_DID_REPLY_H_
