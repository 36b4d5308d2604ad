#ifndef XRPC_SHIM_PERMISSION_SET_H_
#define XRPC_SHIM_PERMISSION_SET_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "xrpc_shim/oauth_scope.h"

namespace tokens::xrpc {

// What the permission set lexicon `json` grants of methods on services to who includes it as `set`
// (https://atproto.com/specs/permission#permission-sets). Only permissions of resource `rpc` count, and of them those
// that name methods of the set's own group ("x.y.authFull": below "x.y.", no wildcard), for any service ("aud":"*") or
// for the one that the include names ("inheritAud":true). A permission that is not so, or has a member we do not know,
// is passed over; so is everything if `json` is over 64 KiB or not the permission set that `set` names.
std::vector<RpcPermission> PermissionsOf(const IncludedSet& set, absl::string_view json);

// The same of `<folder>/x/y/authFull.json`, read anew each time; nothing if there is no such file.
std::vector<RpcPermission> ReadPermissionSet(const std::string& folder, const IncludedSet& set);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_PERMISSION_SET_H_
