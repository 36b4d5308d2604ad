#ifndef XRPC_SHIM_DID_RESOLVER_H_
#define XRPC_SHIM_DID_RESOLVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "xrpc_shim/did_document.h"

namespace tokens::xrpc {

// How much age of a cached document the caller takes.
enum class Freshness {
  kCached,  // Within the cache's rules.
  kForced,  // Fetch again, unless this DID was fetched moments ago (throttled); for a signature that does not fit.
};

// Finds accounts' DID documents. Thread-safe; calls may block for as long as a fetch may take.
// NOT_FOUND: there is no such DID, or its document is of no use: the account cannot sign in.
// UNAVAILABLE or DEADLINE_EXCEEDED: could not tell; the directory is at fault, or too many look-ups are under way.
class DidResolver {
 public:
  virtual ~DidResolver() = default;
  virtual absl::StatusOr<DidDocument> Resolve(const std::string& did, Freshness freshness) = 0;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_DID_RESOLVER_H_
