#ifndef TOKEN_SERVICE_IDENTITY_DID_FOLDER_H_
#define TOKEN_SERVICE_IDENTITY_DID_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"

namespace tokens {

// The bytes of `<folder>/<did>.json`, a DID document kept by hand; the DID stands in the file name as it is, ':' and
// '%' included. Read anew each time, so a changed file counts at once. `did` must be a valid DID, which has no '/'.
// NOT_FOUND: there is no such file. UNAVAILABLE: it cannot be read, is no regular file or is larger than 64 KiB.
absl::StatusOr<std::string> ReadDidFolder(const std::string& folder, const std::string& did);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_DID_FOLDER_H_
