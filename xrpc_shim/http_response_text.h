#ifndef XRPC_SHIM_HTTP_RESPONSE_TEXT_H_
#define XRPC_SHIM_HTTP_RESPONSE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// How a response goes out, apart from what it says.
struct ResponseFraming {
  bool keep_alive = false;
  bool omit_body = false;  // The answer to HEAD: Content-Length is that of the body left out (RFC 9110 §9.3.2).
};

// The bytes of a response: `response` with Date, Content-Length, Connection, X-Request-Id, the CORS fields that allow
// any origin (atproto's APIs are called from browsers, and carry no cookies) and those that keep a browser from
// interpreting an answer as a page. A field of the response that holds a control character is left out, so no value can
// begin another field or response.
std::string ResponseText(const HttpResponse& response, absl::string_view request_id, absl::Time now,
                         ResponseFraming framing);

// The answer to OPTIONS, as the reference PDS gives it: 204, any origin, the requested headers echoed for a day.
// Headers are echoed only if they are a list of at most 64 tokens; otherwise the field is left out and the browser
// refuses.
HttpResponse PreflightResponse(const HttpRequest& request);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_HTTP_RESPONSE_TEXT_H_
