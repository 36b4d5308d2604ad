#ifndef XRPC_SHIM_VIEWER_H_
#define XRPC_SHIM_VIEWER_H_

#include <string>

#include "absl/time/time.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {

// An authenticated caller of a method. A value.
struct Viewer {
  std::string did;            // The account; did:plc or did:web, never with a fragment.
  std::string client_id;      // The OAuth client that calls for it; empty where not known.
  std::string single_use_id;  // 64 hex digits, unique per DID: names the proof by which the viewer was authenticated,
  absl::Time expire_time;     // from which instant on that proof is refused anyway,
  XrpcErrorName if_replayed;  // and what to answer if the id turns out to have been spent.
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_VIEWER_H_
