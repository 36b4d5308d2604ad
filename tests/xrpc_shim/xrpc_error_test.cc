#include "xrpc_shim/xrpc_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"

namespace tokens::xrpc {
namespace {

using Name = XrpcErrorName;
using Code = absl::StatusCode;

constexpr char kInvalid[] = "Bearer error=\"invalid_token\"";

struct Row {
  Name name;
  const char* wire_name;
  int http_status;
  Code code;
  const char* challenge;
};

const Row kTable[] = {
    {Name::kInvalidRequest, "InvalidRequest", 400, Code::kInvalidArgument, ""},
    {Name::kMethodNotAllowed, "InvalidRequest", 405, Code::kInvalidArgument, ""},
    {Name::kAuthMissing, "AuthMissing", 401, Code::kUnauthenticated, "Bearer"},
    {Name::kBadJwt, "BadJwt", 401, Code::kUnauthenticated, kInvalid},
    {Name::kBadJwtType, "BadJwtType", 401, Code::kUnauthenticated, kInvalid},
    {Name::kJwtExpired, "JwtExpired", 401, Code::kUnauthenticated, kInvalid},
    {Name::kJwtTooOld, "JwtTooOld", 401, Code::kUnauthenticated, kInvalid},
    {Name::kJwtNotYetValid, "JwtNotYetValid", 401, Code::kUnauthenticated, kInvalid},
    {Name::kBadJwtAudience, "BadJwtAudience", 401, Code::kUnauthenticated, kInvalid},
    {Name::kBadJwtLexiconMethod, "BadJwtLexiconMethod", 401, Code::kUnauthenticated, kInvalid},
    {Name::kBadJwtIss, "BadJwtIss", 401, Code::kUnauthenticated, kInvalid},
    {Name::kBadJwtSignature, "BadJwtSignature", 401, Code::kUnauthenticated, kInvalid},
    {Name::kJwtReplayed, "JwtReplayed", 401, Code::kUnauthenticated, kInvalid},
    {Name::kInvalidToken, "InvalidToken", 401, Code::kUnauthenticated, kInvalid},
    {Name::kExpiredToken, "ExpiredToken", 401, Code::kUnauthenticated, kInvalid},
    {Name::kOauthTokenInvalid, "InvalidToken", 401, Code::kUnauthenticated,
     "DPoP error=\"invalid_token\", algs=\"ES256 ES256K\""},
    {Name::kOauthTokenExpired, "ExpiredToken", 401, Code::kUnauthenticated,
     "DPoP error=\"invalid_token\", algs=\"ES256 ES256K\""},
    {Name::kInvalidDpopProof, "InvalidDpopProof", 401, Code::kUnauthenticated,
     "DPoP error=\"invalid_dpop_proof\", algs=\"ES256 ES256K\""},
    {Name::kDpopProofReplayed, "InvalidDpopProof", 401, Code::kUnauthenticated,
     "DPoP error=\"invalid_dpop_proof\", algs=\"ES256 ES256K\""},
    {Name::kUseDpopNonce, "UseDpopNonce", 401, Code::kUnauthenticated,
     "DPoP error=\"use_dpop_nonce\", algs=\"ES256 ES256K\""},
    {Name::kMissingTokenId, "MissingTokenId", 401, Code::kUnauthenticated, kInvalid},
    {Name::kSessionTakedown, "AccountTakedown", 401, Code::kUnauthenticated, kInvalid},
    {Name::kSessionTokenInvalid, "InvalidToken", 400, Code::kInvalidArgument, ""},
    {Name::kSessionTokenExpired, "ExpiredToken", 400, Code::kInvalidArgument, ""},
    {Name::kOauthScopeMissing, "InsufficientScope", 403, Code::kPermissionDenied,
     "DPoP error=\"insufficient_scope\", algs=\"ES256 ES256K\""},
    {Name::kInsufficientScope, "InsufficientScope", 403, Code::kPermissionDenied,
     "Bearer error=\"insufficient_scope\""},
    {Name::kForbidden, "Forbidden", 403, Code::kPermissionDenied, ""},
    {Name::kAccountTakedown, "AccountTakedown", 403, Code::kPermissionDenied, ""},
    {Name::kAccountDeactivated, "AccountDeactivated", 403, Code::kPermissionDenied, ""},
    {Name::kTokenLimitReached, "TokenLimitReached", 400, Code::kResourceExhausted, ""},
    {Name::kXrpcNotSupported, "XRPCNotSupported", 404, Code::kNotFound, ""},
    {Name::kRequestTimeout, "InvalidRequest", 408, Code::kInvalidArgument, ""},
    {Name::kPayloadTooLarge, "PayloadTooLarge", 413, Code::kInvalidArgument, ""},
    {Name::kUnsupportedMediaType, "UnsupportedMediaType", 415, Code::kInvalidArgument, ""},
    {Name::kHeadersTooLarge, "InvalidRequest", 431, Code::kInvalidArgument, ""},
    {Name::kRateLimitExceeded, "RateLimitExceeded", 429, Code::kResourceExhausted, ""},
    {Name::kInternalServerError, "InternalServerError", 500, Code::kInternal, ""},
    {Name::kMethodNotImplemented, "MethodNotImplemented", 501, Code::kUnimplemented, ""},
    {Name::kUpstreamFailure, "UpstreamFailure", 502, Code::kUnavailable, ""},
    {Name::kNotEnoughResources, "NotEnoughResources", 503, Code::kUnavailable, ""},
    {Name::kUpstreamTimeout, "UpstreamTimeout", 504, Code::kDeadlineExceeded, ""},
};

TEST(XrpcError, EveryRowReachesTheWireAsTheTableSays) {
  std::set<Name> seen;
  for (const Row& row : kTable) {
    SCOPED_TRACE(std::string(row.wire_name) + " " + std::to_string(row.http_status));
    EXPECT_TRUE(seen.insert(row.name).second);
    const absl::Status status = XrpcError(row.name);
    EXPECT_EQ(status.code(), row.code);
    EXPECT_EQ(WireName(status), row.wire_name);
    const HttpResponse response = ErrorResponse(status, "r1");
    EXPECT_EQ(response.status, row.http_status);
    EXPECT_EQ(response.content_type, "application/json; charset=utf-8");
    EXPECT_EQ(FindHeader(response.headers, "WWW-Authenticate").value, absl::string_view(row.challenge));
    EXPECT_EQ(FindHeader(response.headers, "Cache-Control").value, "no-store");
    EXPECT_EQ(response.log_error, row.wire_name);
    const auto body = nlohmann::json::parse(response.body);
    EXPECT_EQ(body.size(), 2u);
    EXPECT_EQ(body["error"], row.wire_name);
    EXPECT_FALSE(body["message"].get<std::string>().empty());
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(Name::kUpstreamTimeout) + 1) << "a row is not in this table";
}

// A 401 of any other error would make clients throw a good session away and replay the request.
TEST(XrpcError, OnlyAuthenticationFailuresAre401) {
  for (const Row& row : kTable) EXPECT_EQ(row.http_status == 401, row.code == Code::kUnauthenticated) << row.wire_name;
}

TEST(XrpcError, ShowsAMessageOfOurOwn) {
  const HttpResponse response = ErrorResponse(XrpcError(Name::kInvalidRequest, "cursor: \"not\" a number\n"), "r1");
  EXPECT_EQ(nlohmann::json::parse(response.body)["message"], "cursor: \"not\" a number\n");
}

TEST(XrpcError, StaysJsonWhateverTheMessageHolds) {
  const HttpResponse response = ErrorResponse(XrpcError(Name::kInvalidRequest, "bad \xff byte"), "r1");
  EXPECT_TRUE(nlohmann::json::accept(response.body));
}

TEST(XrpcError, A500ShowsItsRequestAndNothingElse) {
  for (const absl::Status& status : {XrpcError(Name::kInternalServerError, "secret"), absl::InternalError("secret"),
                                     absl::DataLossError("secret")}) {
    const HttpResponse response = ErrorResponse(status, "r1");
    EXPECT_EQ(response.body, "{\"error\":\"InternalServerError\",\"message\":\"Internal Server Error (request r1)\"}");
  }
}

TEST(XrpcError, StatusOfAnotherServerGetsTheRowOfItsCodeWithoutItsText) {
  const struct {
    Code code;
    int http_status;
    const char* wire_name;
  } cases[] = {
      {Code::kOk, 500, "InternalServerError"},
      {Code::kCancelled, 500, "InternalServerError"},
      {Code::kUnknown, 500, "InternalServerError"},
      {Code::kInvalidArgument, 400, "InvalidRequest"},
      {Code::kDeadlineExceeded, 504, "UpstreamTimeout"},
      {Code::kNotFound, 500, "InternalServerError"},
      {Code::kAlreadyExists, 500, "InternalServerError"},
      {Code::kPermissionDenied, 403, "Forbidden"},
      {Code::kResourceExhausted, 503, "NotEnoughResources"},
      {Code::kFailedPrecondition, 500, "InternalServerError"},
      {Code::kAborted, 500, "InternalServerError"},
      {Code::kOutOfRange, 500, "InternalServerError"},
      {Code::kUnimplemented, 500, "InternalServerError"},
      {Code::kInternal, 500, "InternalServerError"},
      {Code::kUnavailable, 502, "UpstreamFailure"},
      {Code::kDataLoss, 500, "InternalServerError"},
      {Code::kUnauthenticated, 500, "InternalServerError"},  // our own credentials, not the viewer's
  };
  for (const auto& row : cases) {
    const absl::Status status(row.code, "secret");
    const HttpResponse response = ErrorResponse(status, "r1");
    EXPECT_EQ(response.status, row.http_status) << status;
    EXPECT_EQ(WireName(status), row.wire_name) << status;
    EXPECT_FALSE(absl::StrContains(response.body, "secret")) << response.body;
  }
}

TEST(XrpcError, DisbelievesANameItDidNotWrite) {
  const std::string past_the_last = std::to_string(static_cast<int>(Name::kUpstreamTimeout) + 1);
  for (const std::string& payload : {std::string(), std::string("x"), std::string("-1"), past_the_last,
                                     std::string("1000000000000"), std::string("3x")}) {
    absl::Status status = absl::UnavailableError("secret");
    status.SetPayload("xrpc.error_name", absl::Cord(payload));
    EXPECT_EQ(WireName(status), "UpstreamFailure") << payload;
    EXPECT_FALSE(absl::StrContains(ErrorResponse(status, "r1").body, "secret")) << payload;
  }
}

}  // namespace
}  // namespace tokens::xrpc
