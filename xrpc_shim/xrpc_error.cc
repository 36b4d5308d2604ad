#include "xrpc_shim/xrpc_error.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tokens::xrpc {
namespace {

using Name = XrpcErrorName;
using Code = absl::StatusCode;

constexpr char kPayloadUrl[] = "xrpc.error_name";
constexpr char kHeadersUrl[] = "xrpc.headers";  // NAME LF VALUE LF …
constexpr char kInvalidTokenChallenge[] = "Bearer error=\"invalid_token\"";
// RFC 9449 §7.1, §9. OAuth clients go by these: they refresh their session, or try again with a nonce.
constexpr char kDpopTokenChallenge[] = "DPoP error=\"invalid_token\", algs=\"ES256 ES256K\"";
constexpr char kDpopProofChallenge[] = "DPoP error=\"invalid_dpop_proof\", algs=\"ES256 ES256K\"";
constexpr char kDpopNonceChallenge[] = "DPoP error=\"use_dpop_nonce\", algs=\"ES256 ES256K\"";
constexpr char kDpopScopeChallenge[] = "DPoP error=\"insufficient_scope\", algs=\"ES256 ES256K\"";

struct Row {
  Name name;
  const char* wire_name;
  int http_status;
  Code code;
  const char* message;
  const char* challenge;  // WWW-Authenticate (RFC 6750 §3, RFC 9449 §7.1), or null.
};

// In the order of XrpcErrorName.
constexpr Row kRows[] = {
    {Name::kInvalidRequest, "InvalidRequest", 400, Code::kInvalidArgument, "Invalid Request", nullptr},
    {Name::kMethodNotAllowed, "InvalidRequest", 405, Code::kInvalidArgument, "Incorrect HTTP method", nullptr},
    {Name::kAuthMissing, "AuthMissing", 401, Code::kUnauthenticated, "Authentication Required", "Bearer"},
    {Name::kBadJwt, "BadJwt", 401, Code::kUnauthenticated, "poorly formatted jwt", kInvalidTokenChallenge},
    {Name::kBadJwtType, "BadJwtType", 401, Code::kUnauthenticated, "not an inter-service auth jwt",
     kInvalidTokenChallenge},
    {Name::kJwtExpired, "JwtExpired", 401, Code::kUnauthenticated, "jwt expired", kInvalidTokenChallenge},
    {Name::kJwtTooOld, "JwtTooOld", 401, Code::kUnauthenticated, "jwt lives too long or is too old",
     kInvalidTokenChallenge},
    {Name::kJwtNotYetValid, "JwtNotYetValid", 401, Code::kUnauthenticated, "jwt is not valid yet",
     kInvalidTokenChallenge},
    {Name::kBadJwtAudience, "BadJwtAudience", 401, Code::kUnauthenticated, "jwt audience does not match service did",
     kInvalidTokenChallenge},
    {Name::kBadJwtLexiconMethod, "BadJwtLexiconMethod", 401, Code::kUnauthenticated,
     "jwt lexicon method does not match the method called", kInvalidTokenChallenge},
    {Name::kBadJwtIss, "BadJwtIss", 401, Code::kUnauthenticated, "jwt issuer is not an account we can resolve",
     kInvalidTokenChallenge},
    {Name::kBadJwtSignature, "BadJwtSignature", 401, Code::kUnauthenticated, "jwt signature does not match jwt issuer",
     kInvalidTokenChallenge},
    {Name::kJwtReplayed, "JwtReplayed", 401, Code::kUnauthenticated, "jwt has been used before",
     kInvalidTokenChallenge},
    {Name::kInvalidToken, "InvalidToken", 401, Code::kUnauthenticated, "Token is not valid", kInvalidTokenChallenge},
    {Name::kExpiredToken, "ExpiredToken", 401, Code::kUnauthenticated, "Token has expired", kInvalidTokenChallenge},
    {Name::kOauthTokenInvalid, "InvalidToken", 401, Code::kUnauthenticated, "Token is not valid", kDpopTokenChallenge},
    {Name::kOauthTokenExpired, "ExpiredToken", 401, Code::kUnauthenticated, "Token has expired", kDpopTokenChallenge},
    {Name::kInvalidDpopProof, "InvalidDpopProof", 401, Code::kUnauthenticated, "DPoP proof is not valid",
     kDpopProofChallenge},
    {Name::kDpopProofReplayed, "InvalidDpopProof", 401, Code::kUnauthenticated, "DPoP proof has been used before",
     kDpopProofChallenge},
    {Name::kUseDpopNonce, "UseDpopNonce", 401, Code::kUnauthenticated, "DPoP proof must have the nonce given here",
     kDpopNonceChallenge},
    {Name::kMissingTokenId, "MissingTokenId", 401, Code::kUnauthenticated, "Unexpected missing refresh token id",
     kInvalidTokenChallenge},
    {Name::kSessionTakedown, "AccountTakedown", 401, Code::kUnauthenticated, "Account has been taken down",
     kInvalidTokenChallenge},
    {Name::kSessionTokenInvalid, "InvalidToken", 400, Code::kInvalidArgument, "Token could not be verified", nullptr},
    {Name::kSessionTokenExpired, "ExpiredToken", 400, Code::kInvalidArgument, "Token has expired", nullptr},
    {Name::kInsufficientScope, "InsufficientScope", 403, Code::kPermissionDenied, "This token may not call this method",
     "Bearer error=\"insufficient_scope\""},
    {Name::kOauthScopeMissing, "InsufficientScope", 403, Code::kPermissionDenied,
     "The scope of this token does not cover this method", kDpopScopeChallenge},
    {Name::kForbidden, "Forbidden", 403, Code::kPermissionDenied, "Forbidden", nullptr},
    {Name::kAccountTakedown, "AccountTakedown", 403, Code::kPermissionDenied, "Account has been taken down", nullptr},
    {Name::kAccountDeactivated, "AccountDeactivated", 403, Code::kPermissionDenied, "Account is deactivated", nullptr},
    {Name::kTokenLimitReached, "TokenLimitReached", 400, Code::kResourceExhausted,
     "This account holds as many tokens as it may; revoke one first", nullptr},
    {Name::kXrpcNotSupported, "XRPCNotSupported", 404, Code::kNotFound, "XRPC Not Supported", nullptr},
    {Name::kRequestTimeout, "InvalidRequest", 408, Code::kInvalidArgument, "the request took too long to arrive",
     nullptr},
    {Name::kPayloadTooLarge, "PayloadTooLarge", 413, Code::kInvalidArgument, "request entity too large", nullptr},
    {Name::kUnsupportedMediaType, "UnsupportedMediaType", 415, Code::kInvalidArgument, "unsupported media type",
     nullptr},
    {Name::kHeadersTooLarge, "InvalidRequest", 431, Code::kInvalidArgument, "request header fields too large", nullptr},
    {Name::kRateLimitExceeded, "RateLimitExceeded", 429, Code::kResourceExhausted, "Rate Limit Exceeded", nullptr},
    {Name::kInternalServerError, "InternalServerError", 500, Code::kInternal, "Internal Server Error", nullptr},
    {Name::kMethodNotImplemented, "MethodNotImplemented", 501, Code::kUnimplemented, "Method Not Implemented", nullptr},
    {Name::kUpstreamFailure, "UpstreamFailure", 502, Code::kUnavailable, "Upstream failure; try again", nullptr},
    {Name::kNotEnoughResources, "NotEnoughResources", 503, Code::kUnavailable, "Not enough resources; try again",
     nullptr},
    {Name::kUpstreamTimeout, "UpstreamTimeout", 504, Code::kDeadlineExceeded, "Upstream timeout; try again", nullptr},
};

constexpr bool RowsAreInOrder() {
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].name != static_cast<Name>(i)) return false;
  }
  return std::size(kRows) == static_cast<size_t>(Name::kUpstreamTimeout) + 1;
}
static_assert(RowsAreInOrder());

const Row& RowOf(Name name) { return kRows[static_cast<size_t>(name)]; }

// What an error that names no row means to an HTTP client: mostly that one of our own servers failed us.
Name NameOfCode(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return Name::kInvalidRequest;
    case Code::kPermissionDenied: return Name::kForbidden;
    case Code::kUnavailable: return Name::kUpstreamFailure;
    case Code::kResourceExhausted: return Name::kNotEnoughResources;
    case Code::kDeadlineExceeded: return Name::kUpstreamTimeout;
    default: return Name::kInternalServerError;
  }
}

std::optional<Name> NameIn(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  int index = 0;  // Payloads cross process borders: another server may have sent anything under this URL.
  if (!absl::SimpleAtoi(std::string(*payload), &index)) return std::nullopt;
  if (index < 0 || index >= static_cast<int>(std::size(kRows))) return std::nullopt;
  return static_cast<Name>(index);
}

void AddHeaders(const absl::Status& status, HttpResponse* response) {
  const auto payload = status.GetPayload(kHeadersUrl);
  if (!payload.has_value()) return;
  const std::string text(*payload);
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  for (size_t i = 0; i + 1 < lines.size(); i += 2) response->headers.emplace_back(lines[i], lines[i + 1]);
}

}  // namespace

absl::Status XrpcError(XrpcErrorName name) { return XrpcError(name, RowOf(name).message); }

absl::Status XrpcError(XrpcErrorName name, absl::string_view message) {
  absl::Status status(RowOf(name).code, message);
  status.SetPayload(kPayloadUrl, absl::Cord(absl::StrCat(static_cast<int>(name))));
  return status;
}

absl::Status WithHeaders(absl::Status status, const HttpHeaders& headers) {
  std::string lines;
  for (const auto& [name, value] : headers) absl::StrAppend(&lines, name, "\n", value, "\n");
  status.SetPayload(kHeadersUrl, absl::Cord(lines));
  return status;
}

absl::string_view WireName(const absl::Status& status) {
  return RowOf(NameIn(status).value_or(NameOfCode(status.code()))).wire_name;
}

HttpResponse ErrorResponse(const absl::Status& status, absl::string_view request_id) {
  const std::optional<Name> named = NameIn(status);
  const Row& row = RowOf(named.value_or(NameOfCode(status.code())));
  std::string message = row.message;
  if (row.http_status == 500) {
    absl::StrAppend(&message, " (request ", request_id, ")");
  } else if (named.has_value()) {
    message = std::string(status.message());
  }
  HttpResponse response;
  response.status = row.http_status;
  if (row.challenge != nullptr) response.headers.emplace_back("WWW-Authenticate", row.challenge);
  AddHeaders(status, &response);
  response.headers.emplace_back("Cache-Control", "no-store");
  const nlohmann::ordered_json body = {{"error", row.wire_name}, {"message", message}};
  response.body = body.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  response.log_error = row.wire_name;
  return response;
}

}  // namespace tokens::xrpc
