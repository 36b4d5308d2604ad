#ifndef XRPC_SHIM_DID_DOCUMENT_H_
#define XRPC_SHIM_DID_DOCUMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "xrpc_shim/signing_key.h"

namespace tokens::xrpc {

// What we need of an account's DID document. A value.
struct DidDocument {
  std::string did;
  SigningKey signing_key;  // The first usable `#atproto` verification method.
};

// Reads a DID document of at most 64 KiB (https://atproto.com/specs/did#did-documents).
// INVALID_ARGUMENT if it is not JSON, is not about `did` or has no usable key.
absl::StatusOr<DidDocument> ParseDidDocument(absl::string_view did, absl::string_view json);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_DID_DOCUMENT_H_
