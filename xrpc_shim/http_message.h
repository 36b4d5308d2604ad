#ifndef XRPC_SHIM_HTTP_MESSAGE_H_
#define XRPC_SHIM_HTTP_MESSAGE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/base/trace_context.h"

namespace tokens::xrpc {

// Header fields in order; names in the letter case they came in, compared without regard to it.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// One request, read whole and within the server's limits. A value.
struct HttpRequest {
  std::string method;  // As sent: methods are case-sensitive.
  std::string path;    // The target up to "?", not percent-decoded.
  std::string query;   // What follows "?", not decoded.
  HttpHeaders headers;
  std::string body;          // Without its transfer coding.
  std::string peer_address;  // Of the other end of the connection; empty if it is gone.
  std::string request_id;    // The client's X-Request-Id if it is well-formed, otherwise made by the server.
  TraceContext trace;        // This request's span, in the client's trace or in one that the server began.
  absl::Time deadline;       // When the server stops waiting for the answer.
};

// One answer. The server adds Content-Length, Connection, Date, X-Request-Id and the CORS fields.
struct HttpResponse {
  int status = 500;
  std::string content_type = "application/json; charset=utf-8";  // Empty where there is no body.
  HttpHeaders headers;
  std::string body;
  // For the log line only: the XRPC error name, the viewer's DID, the token's public name. Empty where not known.
  std::string log_error;
  std::string log_did;
  std::string log_token_id;
};

// What a request says under one field name.
struct HeaderLookup {
  int count = 0;            // How many fields have the name; a field that must be single is wrong if this is over 1.
  absl::string_view value;  // The first one's value; points into the headers.
};

// Looks `name` up without regard to letter case.
HeaderLookup FindHeader(const HttpHeaders& headers, absl::string_view name);

// True for a token as RFC 9110 §5.6.2 has it: what a method or a field name may be.
bool IsHttpToken(absl::string_view text);

// The two parts of a request target that a server looks at.
struct RequestTarget {
  std::string path;
  std::string query;
};

// Splits a request target in origin form, absolute form (its authority is dropped: we are the origin) or "*"
// (RFC 9112 §3.2). nullopt for anything else, and for one with a fragment, a control or a non-ASCII byte.
std::optional<RequestTarget> ParseTarget(absl::string_view target);

// What the framing and routing fields of a request must fulfil beyond the grammar, so that no proxy before us can read
// another message out of the same bytes (RFC 9112 §3.2, §6.1): exactly one valid Host (HTTP/1.0: at most one), at most
// one Content-Length, no Transfer-Encoding but a single "chunked", and that only in HTTP/1.1 and without a
// Content-Length. InvalidRequest otherwise.
absl::Status CheckFraming(const HttpHeaders& headers, bool is_http_1_1);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_HTTP_MESSAGE_H_
