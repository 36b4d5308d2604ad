#ifndef XRPC_SHIM_REQUEST_TRACE_H_
#define XRPC_SHIM_REQUEST_TRACE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// The name a request goes by in logs and answers: the client's X-Request-Id if it is there once and well-formed
// (token_service/base/request_id.h), otherwise a new one.
std::string RequestId(const HttpHeaders& headers);

// The span that a request is: in the client's trace if there is one well-formed traceparent, otherwise in a new one
// (token_service/base/trace_context.h).
TraceContext RequestSpan(const HttpHeaders& headers);

// What a log line calls the path: the NSID; or a short plain path as it is; "other" for the rest. A path that is not an
// NSID is shown only if it is at most 40 bytes of a-z 0-9 . _ - /, too little to hold a token that a client put into
// the wrong place.
absl::string_view PathForLog(absl::string_view path);

// Writes the request's one log line, "http_request". Neither query nor headers nor bodies are in it.
void LogRequest(const HttpRequest& request, const HttpResponse& response, absl::Duration duration);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_REQUEST_TRACE_H_
