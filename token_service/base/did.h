#ifndef TOKEN_SERVICE_BASE_DID_H_
#define TOKEN_SERVICE_BASE_DID_H_

#include "absl/strings/string_view.h"

namespace tokens {

// Syntax of atproto's account identifiers. Pure functions, linear in the length of the text.

// True if `text` is a DID by the atproto syntax rules (https://atproto.com/specs/did): any method, at most 2,048 bytes,
// no path, query or fragment. Case-sensitive; percent-escapes are not looked into.
bool IsValidDid(absl::string_view text);

// True if `text` is a DID of a method that atproto accounts use: did:plc with exactly 24 base32 characters, or did:web
// with a host name and no path; a port (%3A1234) only on localhost. Whether a name is one that may be asked (localhost
// and top-level domains such as .local and .internal are not, in production) is for whoever resolves it.
bool IsAtprotoDid(absl::string_view text);

// True if `text` is an atproto handle (https://atproto.com/specs/handle): a host name of at least two labels, at most
// 253 bytes, whose last label begins with a letter.
bool IsValidHandle(absl::string_view text);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_DID_H_
