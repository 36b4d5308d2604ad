#include "xrpc_shim/router.h"

#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "token_service/base/nsid.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

constexpr size_t kMaxParams = 64;
constexpr char kReadVerbs[] = "GET, HEAD";
constexpr char kProcedureVerb[] = "POST";

bool IsReadVerb(absl::string_view verb) { return verb == "GET" || verb == "HEAD"; }

HttpResponse Refuse(const absl::Status& error, const HttpRequest& request) {
  return ErrorResponse(error, request.request_id);
}

HttpResponse RefuseVerb(absl::string_view allow, const HttpRequest& request) {
  HttpResponse response = Refuse(
      XrpcError(XrpcErrorName::kMethodNotAllowed, absl::StrCat("Incorrect HTTP method, expected ", allow)), request);
  response.headers.emplace_back("Allow", std::string(allow));
  return response;
}

// The NSID with its authority (all but the last segment) in lower case.
std::string Canonical(absl::string_view nsid) {
  const size_t name = nsid.rfind('.');
  return absl::StrCat(absl::AsciiStrToLower(nsid.substr(0, name)), nsid.substr(name));
}

absl::StatusOr<std::string> DecodeComponent(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') c = ' ';
    if (c == '%') {
      if (i + 2 >= text.size() || !absl::ascii_isxdigit(text[i + 1]) || !absl::ascii_isxdigit(text[i + 2])) {
        return XrpcError(XrpcErrorName::kInvalidRequest, "invalid percent-encoding in the query");
      }
      c = absl::HexStringToBytes(text.substr(i + 1, 2))[0];
      i += 2;
    }
    if (c == '\0') return XrpcError(XrpcErrorName::kInvalidRequest, "a NUL in the query");
    decoded.push_back(c);
  }
  return decoded;
}

}  // namespace

absl::StatusOr<QueryParams> ParseQuery(absl::string_view query) {
  QueryParams params;
  for (const absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    if (params.size() == kMaxParams) return XrpcError(XrpcErrorName::kInvalidRequest, "too many query parameters");
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    absl::StatusOr<std::string> name = DecodeComponent(parts.first);
    if (!name.ok()) return name.status();
    absl::StatusOr<std::string> value = DecodeComponent(parts.second);
    if (!value.ok()) return value.status();
    params.emplace(*std::move(name), *std::move(value));
  }
  return params;
}

absl::StatusOr<std::optional<std::string>> FindParam(const QueryParams& params, const std::string& name) {
  const auto [first, last] = params.equal_range(name);
  if (first == last) return std::nullopt;
  if (std::next(first) != last) {
    return XrpcError(XrpcErrorName::kInvalidRequest, absl::StrCat("the parameter \"", name, "\" is there twice"));
  }
  return first->second;
}

absl::Status CheckNoInput(const HttpRequest& request) {
  if (request.body.empty()) return absl::OkStatus();
  return XrpcError(XrpcErrorName::kInvalidRequest, "A request body was provided when none was expected");
}

void Router::AddPlain(absl::string_view path, PlainHandler handler) {
  plain_.insert_or_assign(std::string(path), std::move(handler));
}

void Router::AddMethod(absl::string_view nsid, XrpcKind kind, XrpcHandler handler) {
  methods_.insert_or_assign(std::string(nsid), Method{kind, std::move(handler)});
}

HttpResponse Router::Route(const HttpRequest& request) const {
  if (const auto plain = plain_.find(request.path); plain != plain_.end()) {
    if (!IsReadVerb(request.method)) return RefuseVerb(kReadVerbs, request);
    return plain->second(request);
  }
  absl::string_view nsid = request.path;
  if (!absl::ConsumePrefix(&nsid, "/xrpc/")) return Refuse(XrpcError(XrpcErrorName::kXrpcNotSupported), request);
  absl::ConsumeSuffix(&nsid, "/");
  return RouteMethod(nsid, request);
}

HttpResponse Router::RouteMethod(absl::string_view nsid, const HttpRequest& request) const {
  if (!IsValidNsid(nsid)) {
    return Refuse(XrpcError(XrpcErrorName::kInvalidRequest, "invalid xrpc path"), request);
  }
  const auto found = methods_.find(Canonical(nsid));
  if (found == methods_.end()) return Refuse(XrpcError(XrpcErrorName::kMethodNotImplemented), request);
  const Method& method = found->second;
  const bool is_query = method.kind == XrpcKind::kQuery;
  const bool verb_fits = is_query ? IsReadVerb(request.method) : request.method == kProcedureVerb;
  if (!verb_fits) return RefuseVerb(is_query ? kReadVerbs : kProcedureVerb, request);
  absl::StatusOr<QueryParams> params = ParseQuery(request.query);
  if (!params.ok()) return Refuse(params.status(), request);
  return method.handler(XrpcCall{request, found->first, *std::move(params)});
}

}  // namespace tokens::xrpc
