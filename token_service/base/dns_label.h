#ifndef TOKEN_SERVICE_BASE_DNS_LABEL_H_
#define TOKEN_SERVICE_BASE_DNS_LABEL_H_

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace tokens {

// True if `text` is one label of a host name (RFC 1123 §2.1): 1 to 63 letters, digits and hyphens, with no hyphen at
// either end. Handles, did:web and NSIDs are made of these.
inline bool IsDnsLabel(absl::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-') return false;
  }
  return true;
}

// The same, beginning with a letter.
inline bool IsAlphaDnsLabel(absl::string_view text) {
  return IsDnsLabel(text) && absl::ascii_isalpha(static_cast<unsigned char>(text.front()));
}

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_DNS_LABEL_H_
