#ifndef XRPC_SHIM_HTTP_MESSAGE_H_
#define XRPC_SHIM_HTTP_MESSAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace tokens::xrpc {

// Header fields in order; names in the letter case they came in, compared without regard to it.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// One request, read whole and within the server's limits. A value.
struct HttpRequest {
  std::string method;  // As sent: methods are case-sensitive.
  std::string path;    // The target up to "?", not percent-decoded.
  std::string query;   // What follows "?", not decoded.
  HttpHeaders headers;
  std::string body;
  std::string request_id;  // The client's X-Request-Id if it is well-formed, otherwise made by the server.
  absl::Time deadline;     // When the server stops waiting for the answer.
};

// One answer. The server adds Content-Length, Connection, Date, X-Request-Id and the CORS fields.
struct HttpResponse {
  int status = 500;
  std::string content_type = "application/json; charset=utf-8";
  HttpHeaders headers;
  std::string body;
  // For the log line only: the XRPC error name, the viewer's DID, the token's public name. Empty where not known.
  std::string log_error;
  std::string log_did;
  std::string log_token_id;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_HTTP_MESSAGE_H_
