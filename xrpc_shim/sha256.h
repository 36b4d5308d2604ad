#ifndef XRPC_SHIM_SHA256_H_
#define XRPC_SHIM_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tokens::xrpc {

// SHA-256 of `bytes`: 32 bytes.
std::string Sha256(absl::string_view bytes);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SHA256_H_
