#ifndef TOKEN_SERVICE_IDENTITY_DID_PLC_H_
#define TOKEN_SERVICE_IDENTITY_DID_PLC_H_

#include <string>

#include "absl/status/statusor.h"
#include "token_service/identity/https_fetcher.h"

namespace tokens {

// The document that the directory at `plc_url` (no trailing '/') gives for `did`, a valid did:plc. Any content type is
// taken: the document is judged by what it says. Source: https://web.plc.directory/spec/v0.1/did-plc.
// NOT_FOUND: the directory does not know the DID, or it is tombstoned (404, 410). UNAVAILABLE: any other answer that is
// not 2xx, the directory's host does not exist or is at a forbidden address, and all else that
// HttpsFetcher::Get calls unavailable. DEADLINE_EXCEEDED: too slow.
absl::StatusOr<std::string> FetchPlcDocument(HttpsFetcher& fetcher, const std::string& plc_url, const std::string& did);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_DID_PLC_H_
