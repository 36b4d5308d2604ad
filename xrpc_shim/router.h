#ifndef XRPC_SHIM_ROUTER_H_
#define XRPC_SHIM_ROUTER_H_

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// Decoded query parameters; a name may repeat. Names and values are bytes, not checked to be UTF-8.
using QueryParams = std::multimap<std::string, std::string>;

// Decodes application/x-www-form-urlencoded text ("+" is a space). InvalidRequest for a "%" without two hex digits, a
// NUL, or more than 64 parameters. Empty pairs are skipped.
absl::StatusOr<QueryParams> ParseQuery(absl::string_view query);

// The value of a parameter that may be given once; nothing if it is not given. InvalidRequest if it is repeated.
absl::StatusOr<std::optional<std::string>> FindParam(const QueryParams& params, const std::string& name);

// One call of an XRPC method.
struct XrpcCall {
  const HttpRequest& http;
  std::string nsid;  // Canonical: as registered, whatever case the authority had in the path.
  QueryParams params;
};

enum class XrpcKind { kQuery, kProcedure };

using PlainHandler = std::function<HttpResponse(const HttpRequest&)>;
using XrpcHandler = std::function<HttpResponse(const XrpcCall&)>;

// OK if `request` has no body: what a procedure without input demands (no Content-Length, 0, or no chunk but the last,
// with any content type). InvalidRequest otherwise. For handlers to call after they have authenticated the viewer: the
// order is parameters, authentication, input, so that a stranger learns nothing about his body.
absl::Status CheckNoInput(const HttpRequest& request);

// Path and verb → handler, by the rules of XRPC (https://atproto.com/specs/xrpc) and of @atproto/xrpc-server:
// - a plain path, exactly as added: GET and HEAD;
// - /xrpc/NSID: GET and HEAD call a query, POST a procedure. The NSID's authority is a domain name and compared without
//   regard to case, its last segment exactly. One slash after the NSID is accepted, as the reference server and the PDS
//   proxy do.
// Answers by itself: outside /xrpc/ 404 XRPCNotSupported; no NSID in the path 400; unknown NSID 501; known path with a
// wrong verb 405 with Allow; undecodable parameters 400.
// Thread-safe once built: Add everything before the first Route.
class Router {
 public:
  // `path` begins with "/". Replaces an earlier handler of the same path or NSID.
  void AddPlain(absl::string_view path, PlainHandler handler);
  // `nsid` is a valid NSID with a lower-case authority.
  void AddMethod(absl::string_view nsid, XrpcKind kind, XrpcHandler handler);

  HttpResponse Route(const HttpRequest& request) const;

 private:
  struct Method {
    XrpcKind kind;
    XrpcHandler handler;
  };

  HttpResponse RouteMethod(absl::string_view nsid, const HttpRequest& request) const;

  std::map<std::string, PlainHandler> plain_;
  std::map<std::string, Method> methods_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_ROUTER_H_
