#include "xrpc_shim/request_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tokens::xrpc {
namespace {

TEST(RequestId, TakesTheClientsIfItIsThereOnceAndWellFormed) {
  EXPECT_EQ(RequestId({{"x-request-id", "AZaz09-_."}}), "AZaz09-_.");
  for (const HttpHeaders& headers :
       {HttpHeaders{}, HttpHeaders{{"X-Request-Id", "a b"}}, HttpHeaders{{"X-Request-Id", ""}},
        HttpHeaders{{"X-Request-Id", "a"}, {"X-Request-Id", "b"}}}) {
    EXPECT_THAT(RequestId(headers), ::testing::MatchesRegex("[0-9a-f]{32}"));
  }
}

TEST(PathForLog, NamesMethodsAndPlainPathsAndHidesTheRest) {
  const struct {
    std::string path;
    std::string logged;
  } cases[] = {
      {"/xrpc/app.didpic.identity.mintWidgetToken", "app.didpic.identity.mintWidgetToken"},
      {"/xrpc/app.didpic.identity.mintWidgetToken/", "app.didpic.identity.mintWidgetToken"},
      {"/xrpc/_health", "/xrpc/_health"},
      {"/", "/"},
      {"/.well-known/did.json", "/.well-known/did.json"},
      {"", ""},
      {"/xrpc/dpwt_" + std::string(49, 'a'), "other"},
      {"/dpwt_" + std::string(49, '0'), "other"},
      {"/Upper", "other"},
      {"/a%20b", "other"},
      {"/" + std::string(40, 'a'), "other"},
      {"/xrpc/a.b." + std::string(200, 'c'), "other"},
      {"/xrpc/eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJkaWQifQ." + std::string(86, 's'), "other"},
  };
  for (const auto& row : cases) EXPECT_EQ(std::string(PathForLog(row.path)), row.logged) << row.path;
}

}  // namespace
}  // namespace tokens::xrpc
