#ifndef TOKEN_SERVICE_BASE_READ_FILE_H_
#define TOKEN_SERVICE_BASE_READ_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace tokens {

// The contents of a regular file of at most `max_bytes`. NOT_FOUND if it is not there; INVALID_ARGUMENT if it is too
// large or not a regular file; UNAVAILABLE if it cannot be read. The text names the path, never the contents.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_READ_FILE_H_
