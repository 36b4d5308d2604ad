#include "xrpc_shim/http_response_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace tokens::xrpc {
namespace {

constexpr size_t kMaxEchoedHeaders = 64;

// On every response.
constexpr char kFixedFields[] =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy, "
    "Retry-After, DPoP-Nonce, WWW-Authenticate, X-Request-Id\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

absl::string_view Reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "";  // The phrase is optional (RFC 9112 §4).
  }
}

bool IsFieldValue(absl::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; });
}

void AppendField(absl::string_view name, absl::string_view value, std::string* text) {
  if (IsHttpToken(name) && IsFieldValue(value)) absl::StrAppend(text, name, ": ", value, "\r\n");
}

}  // namespace

std::string ResponseText(const HttpResponse& response, absl::string_view request_id, absl::Time now,
                         ResponseFraming framing) {
  std::string text = absl::StrCat("HTTP/1.1 ", response.status, " ", Reason(response.status), "\r\n");
  AppendField("Date", absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", now, absl::UTCTimeZone()), &text);
  AppendField("Connection", framing.keep_alive ? "keep-alive" : "close", &text);
  const bool has_body = response.status != 204;  // RFC 9110 §8.6: no Content-Length with 204 either
  if (has_body) {
    AppendField("Content-Length", absl::StrCat(response.body.size()), &text);
    if (!response.content_type.empty()) AppendField("Content-Type", response.content_type, &text);
  }
  AppendField("X-Request-Id", request_id, &text);
  text += kFixedFields;
  for (const auto& [name, value] : response.headers) AppendField(name, value, &text);
  text += "\r\n";
  if (has_body && !framing.omit_body) text += response.body;
  return text;
}

HttpResponse PreflightResponse(const HttpRequest& request) {
  HttpResponse response;
  response.status = 204;
  response.content_type.clear();
  response.headers = {{"Access-Control-Allow-Methods", "GET, HEAD, POST"},
                      {"Access-Control-Max-Age", "86400"},
                      {"Vary", "Access-Control-Request-Headers"}};
  const HeaderLookup requested = FindHeader(request.headers, "Access-Control-Request-Headers");
  if (requested.count != 1) return response;
  std::vector<absl::string_view> names = absl::StrSplit(requested.value, ',');
  for (absl::string_view& name : names) name = absl::StripAsciiWhitespace(name);
  if (names.size() <= kMaxEchoedHeaders && std::all_of(names.begin(), names.end(), IsHttpToken)) {
    response.headers.emplace_back("Access-Control-Allow-Headers", absl::StrJoin(names, ", "));
  }
  return response;
}

}  // namespace tokens::xrpc
