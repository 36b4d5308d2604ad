#ifndef TOKEN_SERVICE_BASE_DID_H_
#define TOKEN_SERVICE_BASE_DID_H_

#include "absl/strings/string_view.h"

namespace tokens {

// True if `text` is a DID by the atproto syntax rules (https://atproto.com/specs/did): any method, at most 2,048 bytes,
// no path, query or fragment. Case-sensitive.
bool IsValidDid(absl::string_view text);

// True if `text` is a DID of a method that atproto accounts use: did:plc with exactly 24 base32 characters, or did:web
// with a host name and no path; a port (%3A1234) only on localhost.
bool IsAtprotoDid(absl::string_view text);

// True if `text` is an atproto handle: a host name of at least two labels, at most 253 bytes.
bool IsValidHandle(absl::string_view text);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_DID_H_
