#ifndef XRPC_SHIM_DID_RESOLVER_H_
#define XRPC_SHIM_DID_RESOLVER_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "xrpc_shim/did_document.h"

namespace tokens::xrpc {

// How much age of a cached document the caller takes.
enum class Freshness {
  kCached,  // Within the cache's rules.
  kForced,  // Fetch again, unless this DID was fetched moments ago (throttled); for a signature that does not fit.
};

// Finds an account's DID document. Thread-safe; may block for as long as a fetch may take.
// NOT_FOUND: there is no such DID, or its document is of no use: the account cannot sign in.
// UNAVAILABLE or DEADLINE_EXCEEDED: could not tell; the directory is at fault, or too many look-ups are under way.
using ResolveDid = std::function<absl::StatusOr<DidDocument>(const std::string& did, Freshness freshness)>;

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_DID_RESOLVER_H_
