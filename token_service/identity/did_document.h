#ifndef TOKEN_SERVICE_IDENTITY_DID_DOCUMENT_H_
#define TOKEN_SERVICE_IDENTITY_DID_DOCUMENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/jose/signing_key.h"

namespace tokens {

// More than any real document by far; whoever fetches one may stop reading here.
inline constexpr size_t kMaxDidDocumentBytes = 64 * 1024;

// What we need of an account's DID document. A value.
struct DidDocument {
  std::string did;
  SigningKey signing_key;  // The first usable `#atproto` verification method.
  // The names it goes by: the first kMaxHandlesKept handles of `alsoKnownAs`, in lower case. Claims, see
  // HandleResolver.
  std::vector<std::string> handles;
  // `serviceEndpoint` of its personal data server as written, which is not judged here (see IsOrigin); empty if it
  // names none, or one of over kMaxPdsBytes.
  std::string pds;
};

inline constexpr size_t kMaxHandlesKept = 4;
inline constexpr size_t kMaxPdsBytes = 512;

// Reads the DID document of `did` (https://atproto.com/specs/did#did-documents). The key is the first entry of
// `verificationMethod` whose id is "#atproto" or "<did>#atproto", whose controller is `did` and whose key is a Multikey
// or of one of the two legacy suites; others are passed over. The server is the first entry of `service` whose id is
// "#atproto_pds" or "<did>#atproto_pds" and whose type is AtprotoPersonalDataServer. Other members are not looked at.
// INVALID_ARGUMENT if `json` is longer than kMaxDidDocumentBytes, is not (strict) JSON, is not about `did` or has no
// usable key; the text never quotes the document.
absl::StatusOr<DidDocument> ParseDidDocument(absl::string_view did, absl::string_view json);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_DID_DOCUMENT_H_
