#include "xrpc_shim/bearer_token.h"

#include <gtest/gtest.h>

#include <string>

#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using Kind = BearerToken::Kind;

HttpRequest With(HttpHeaders headers) {
  HttpRequest request;
  request.headers = std::move(headers);
  return request;
}

TEST(BearerTokenTest, TheKindIsToldByItsShape) {
  const struct {
    std::string field;
    Kind kind;
    std::string text;
  } cases[] = {
      {"Bearer eyJh.eyJp.c2ln", Kind::kJwt, "eyJh.eyJp.c2ln"},
      {"bearer eyJh.eyJp.c2ln", Kind::kJwt, "eyJh.eyJp.c2ln"},
      {"BEARER  eyJh.eyJp.c2ln ", Kind::kJwt, "eyJh.eyJp.c2ln"},
      {"Bearer garbage", Kind::kJwt, "garbage"},
      {"Bearer dpwt_", Kind::kWidgetToken, "dpwt_"},
      {"Bearer dpwt_a.b.c", Kind::kWidgetToken, "dpwt_a.b.c"},
      {"Bearer other_" + std::string(49, 'a'), Kind::kWidgetToken, "other_" + std::string(49, 'a')},
      {"Bearer ey_h.ey_p.c_ln", Kind::kJwt, "ey_h.ey_p.c_ln"},
  };
  for (const auto& row : cases) {
    const HttpRequest request = With({{"AUTHORIZATION", row.field}});
    const auto token = ReadBearerToken(request);
    ASSERT_TRUE(token.ok()) << row.field;
    EXPECT_EQ(token->kind, row.kind) << row.field;
    EXPECT_EQ(std::string(token->text), row.text);
  }
}

TEST(BearerTokenTest, WhatIsNotABearerTokenIsRefused) {
  const struct {
    HttpHeaders headers;
    const char* error;
  } cases[] = {
      {{}, "AuthMissing"},
      {{{"Authorization", ""}}, "AuthMissing"},
      {{{"Authorization", "Basic YTpi"}}, "AuthMissing"},
      {{{"Authorization", "DPoP eyJh.eyJp.c2ln"}}, "AuthMissing"},
      {{{"Authorization", "Bearer"}}, "BadJwt"},
      {{{"Authorization", "Bearer "}}, "BadJwt"},
      {{{"Authorization", "Bearer a b"}}, "BadJwt"},
      {{{"Authorization", "Bearer a,b"}}, "BadJwt"},
      {{{"Authorization", "Bearer \xc3\xa9"}}, "BadJwt"},
      {{{"Authorization", "Bearer " + std::string(4097, 'a')}}, "BadJwt"},
      {{{"Authorization", "Bearer a"}, {"authorization", "Bearer a"}}, "BadJwt"},
  };
  for (const auto& row : cases) {
    const HttpRequest request = With(row.headers);
    const auto token = ReadBearerToken(request);
    EXPECT_EQ(std::string(WireName(token.status())), row.error);
  }
}

}  // namespace
}  // namespace tokens::xrpc
