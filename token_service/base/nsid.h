#ifndef TOKEN_SERVICE_BASE_NSID_H_
#define TOKEN_SERVICE_BASE_NSID_H_

#include "absl/strings/string_view.h"

namespace tokens {

// True if `text` is a namespaced identifier (https://atproto.com/specs/nsid): at least three segments, at most 317
// bytes, the last a name of letters and digits.
bool IsValidNsid(absl::string_view text);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_NSID_H_
