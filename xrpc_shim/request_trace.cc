#include "xrpc_shim/request_trace.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "token_service/base/log.h"
#include "token_service/base/nsid.h"
#include "token_service/base/request_id.h"

namespace tokens::xrpc {
namespace {

constexpr size_t kMaxPlainPath = 40;
constexpr size_t kMaxLoggedNsid = 128;

bool IsPlainPath(absl::string_view path) {
  return path.size() <= kMaxPlainPath && std::all_of(path.begin(), path.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '_' || c == '-' || c == '/';
         });
}

std::vector<absl::string_view> FieldValues(const HttpHeaders& headers, absl::string_view name) {
  std::vector<absl::string_view> values;
  for (const auto& [field, value] : headers) {
    if (absl::EqualsIgnoreCase(field, name)) values.push_back(value);
  }
  return values;
}

LogLevel LevelOf(int status) {
  if (status == 500) return LogLevel::kError;
  return status >= 502 ? LogLevel::kWarning : LogLevel::kInfo;
}

}  // namespace

std::string RequestId(const HttpHeaders& headers) {
  const HeaderLookup given = FindHeader(headers, kRequestIdHeader);
  return given.count == 1 && IsRequestId(given.value) ? std::string(given.value) : MakeRequestId();
}

TraceContext RequestSpan(const HttpHeaders& headers) {
  return BeginSpan(FieldValues(headers, kTraceparentHeader), FieldValues(headers, kTracestateHeader));
}

absl::string_view PathForLog(absl::string_view path) {
  absl::string_view nsid = path;
  if (absl::ConsumePrefix(&nsid, "/xrpc/")) {
    absl::ConsumeSuffix(&nsid, "/");
    if (nsid.size() <= kMaxLoggedNsid && IsValidNsid(nsid)) return nsid;
  }
  return IsPlainPath(path) ? path : "other";
}

void LogRequest(const HttpRequest& request, const HttpResponse& response, absl::Duration duration) {
  const std::string code = absl::StrCat(response.status);
  LogFields fields;
  fields.request_id = request.request_id;
  fields.trace_id = request.trace.trace_id;
  fields.span_id = request.trace.span_id;
  fields.method = PathForLog(request.path);
  fields.code = code;
  fields.error = response.log_error;
  fields.did = response.log_did;
  fields.token_id = response.log_token_id;
  fields.duration = duration;
  Log(LevelOf(response.status), "http_request", fields);
}

}  // namespace tokens::xrpc
