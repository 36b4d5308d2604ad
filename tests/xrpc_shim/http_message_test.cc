#include "xrpc_shim/http_message.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "xrpc_shim/http_response_text.h"

namespace tokens::xrpc {
namespace {

TEST(FindHeader, IgnoresCaseAndCountsRepetitions) {
  const HttpHeaders headers = {{"Authorization", "a"}, {"X", "b"}, {"AUTHORIZATION", "c"}};
  EXPECT_EQ(FindHeader(headers, "authorization").count, 2);
  EXPECT_EQ(FindHeader(headers, "authorization").value, "a");
  EXPECT_EQ(FindHeader(headers, "x").count, 1);
  EXPECT_EQ(FindHeader(headers, "y").count, 0);
  EXPECT_EQ(FindHeader(headers, "y").value, "");
}

TEST(ParseTarget, SplitsEveryFormAServerMustTake) {
  const struct {
    const char* target;
    const char* path;
    const char* query;
  } cases[] = {
      {"/", "/", ""},        {"/a/b?c=d?e", "/a/b", "c=d?e"}, {"/?", "/", ""},
      {"//a", "//a", ""},    {"/%2e%2E", "/%2e%2E", ""},      {"*", "*", ""},
      {"http://h", "/", ""}, {"http://h?q", "/", "q"},        {"HTTPS://user@h:1/p?q", "/p", "q"},
  };
  for (const auto& row : cases) {
    const auto target = ParseTarget(row.target);
    ASSERT_TRUE(target.has_value()) << row.target;
    EXPECT_EQ(target->path, row.path) << row.target;
    EXPECT_EQ(target->query, row.query) << row.target;
  }
  for (const char* bad : {"", "a", "h:443", "**", "/a b", "/a\tb", "/\x7f", "/\xc3\xa9", "/a#b", "http://", "http:///a",
                          "ftp://h/a", "?a"}) {
    EXPECT_FALSE(ParseTarget(bad).has_value()) << bad;
  }
}

TEST(PreflightResponse, EchoesTokensOnly) {
  const auto allowed = [](const std::string& requested) {
    HttpRequest request;
    request.headers = {{"Access-Control-Request-Headers", requested}};
    const HttpResponse response = PreflightResponse(request);
    const HeaderLookup echoed = FindHeader(response.headers, "Access-Control-Allow-Headers");
    return echoed.count == 0 ? "none" : std::string(echoed.value);
  };
  EXPECT_EQ(allowed("authorization"), "authorization");
  EXPECT_EQ(allowed("Authorization ,\tX-a"), "Authorization, X-a");
  for (const char* bad : {"", "a,", "a b", "a:b", "a\r\nX: y", "a,<b>", "\xff"}) EXPECT_EQ(allowed(bad), "none") << bad;
  std::string many = "h";
  for (int i = 1; i < 64; ++i) absl::StrAppend(&many, ", h");
  EXPECT_EQ(allowed(many), many);
  EXPECT_EQ(allowed(many + ", h"), "none");
}

TEST(PreflightResponse, EchoesNothingWhereNothingOrTwoFieldsAsk) {
  HttpRequest request;
  EXPECT_EQ(FindHeader(PreflightResponse(request).headers, "Access-Control-Allow-Headers").count, 0);
  request.headers = {{"Access-Control-Request-Headers", "a"}, {"access-control-request-headers", "b"}};
  EXPECT_EQ(FindHeader(PreflightResponse(request).headers, "Access-Control-Allow-Headers").count, 0);
}

}  // namespace
}  // namespace tokens::xrpc
