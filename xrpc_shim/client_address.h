#ifndef XRPC_SHIM_CLIENT_ADDRESS_H_
#define XRPC_SHIM_CLIENT_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// Whom to count a request to. Behind a proxy: the last address in the field `trusted_header` (X-Forwarded-For and the
// like), for that is the one the proxy itself wrote; what comes before it anyone can claim. Where `trusted_header` is
// empty, or the request has no address there, the peer. An IPv6 address stands for its /64, which one host has all of.
std::string ClientAddress(const HttpRequest& request, absl::string_view trusted_header);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_CLIENT_ADDRESS_H_
