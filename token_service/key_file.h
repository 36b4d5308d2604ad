#ifndef TOKEN_SERVICE_KEY_FILE_H_
#define TOKEN_SERVICE_KEY_FILE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tokens {

// Logs the warning `event` if others than its owner can read the file of a private key.
void WarnIfOthersCanRead(const std::string& path, absl::string_view event);

}  // namespace tokens

#endif  // TOKEN_SERVICE_KEY_FILE_H_
