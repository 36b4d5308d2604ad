#ifndef XRPC_SHIM_OAUTH_SCOPE_H_
#define XRPC_SHIM_OAUTH_SCOPE_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace tokens::xrpc {

// The permissions of atproto's OAuth scopes (https://atproto.com/specs/permission), as far as they are about calling a
// method on a service: `rpc:` and `include:`. Pure functions; nothing here reads a file or the network.

// The grammar that all permissions share: resource[:positional][?key=value&…], percent-decoded. A value.
struct ScopeSyntax {
  std::string resource;
  std::string positional;                                   // Empty where absent.
  std::vector<std::pair<std::string, std::string>> params;  // In order; a name may repeat.
};

// Nothing if `text` has a character that no scope may have, a bad percent-escape, or no resource.
std::optional<ScopeSyntax> ParseScopeSyntax(absl::string_view text);

// Permission to call some methods on some service. A value.
struct RpcPermission {
  std::vector<std::string> lxm;  // NSIDs, or "*".
  std::string aud;               // DID#fragment, or "*"; never both are "*".
};

// Nothing if `text` is not a valid `rpc:` scope: an unknown parameter makes it invalid as a whole.
std::optional<RpcPermission> ParseRpcPermission(absl::string_view text);

// A reference to a permission set, a lexicon. A value.
struct IncludedSet {
  std::string nsid;
  std::string aud;  // DID#fragment; empty where the scope names none.
};

// Nothing if `text` is not a valid `include:` scope.
std::optional<IncludedSet> ParseIncludedSet(absl::string_view text);

// What a permission set grants, none if it is not known. See permission_set.h.
using ResolveIncludedSet = std::function<std::vector<RpcPermission>(const IncludedSet& set)>;

// True if the scope string of an access token lets its client call `lxm` on the service that is known by `audiences`:
// it has `atproto`, and `transition:generic` (every method but chat.bsky.*) or a permission that covers the method and
// one of the audiences. A permission that is not valid grants nothing; neither do includes beyond the first 16.
bool ScopeAllows(absl::string_view scope, absl::string_view lxm, const std::vector<std::string>& audiences,
                 const ResolveIncludedSet& resolve);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_OAUTH_SCOPE_H_
