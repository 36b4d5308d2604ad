#include "xrpc_shim/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

HttpResponse Ok(std::string body) {
  HttpResponse response;
  response.status = 200;
  response.body = std::move(body);
  return response;
}

Router MakeRouter() {
  Router router;
  router.AddPlain("/", [](const HttpRequest&) { return Ok("index"); });
  router.AddPlain("/xrpc/_health", [](const HttpRequest&) { return Ok("health"); });
  router.AddMethod("app.example.getThing", XrpcKind::kQuery,
                   [](const XrpcCall& call) { return Ok(absl::StrCat("query ", call.nsid)); });
  router.AddMethod("app.example.mintThing", XrpcKind::kProcedure,
                   [](const XrpcCall& call) { return Ok(absl::StrCat("procedure ", call.nsid)); });
  return router;
}

struct Case {
  std::string name;
  std::string method;
  std::string path;
  int status;
  std::string body_has;
  std::string allow;
  std::string query;
};

class RouterTest : public ::testing::TestWithParam<Case> {};

TEST_P(RouterTest, Routes) {
  HttpRequest request;
  request.method = GetParam().method;
  request.path = GetParam().path;
  request.query = GetParam().query;
  const HttpResponse response = MakeRouter().Route(request);
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_THAT(response.body, HasSubstr(GetParam().body_has));
  const HeaderLookup allow = FindHeader(response.headers, "Allow");
  EXPECT_EQ(allow.value, absl::string_view(GetParam().allow));
}

const char kQueryNsid[] = "/xrpc/app.example.getThing";
const char kProcedureNsid[] = "/xrpc/app.example.mintThing";

INSTANTIATE_TEST_SUITE_P(
    Requests, RouterTest,
    ::testing::ValuesIn(std::vector<Case>{
        {"Plain", "GET", "/", 200, "index", "", ""},
        {"PlainHead", "HEAD", "/", 200, "index", "", ""},
        {"PlainIgnoresTheQuery", "GET", "/", 200, "index", "", "%zz"},
        {"PlainWrongVerb", "POST", "/xrpc/_health", 405, "\"InvalidRequest\"", "GET, HEAD", ""},
        {"PlainIsNotAPrefix", "GET", "/x", 404, "XRPCNotSupported", "", ""},
        {"PlainTakesNoTrailingSlash", "GET", "/xrpc/_health/", 400, "invalid xrpc path", "", ""},
        {"Health", "GET", "/xrpc/_health", 200, "health", "", ""},
        {"OutsideXrpc", "POST", "/other", 404, "XRPCNotSupported", "", ""},
        {"XrpcItself", "GET", "/xrpc", 404, "XRPCNotSupported", "", ""},
        {"XrpcInOtherCase", "GET", "/XRPC/app.example.getThing", 404, "XRPCNotSupported", "", ""},
        {"EmptyNsid", "GET", "/xrpc/", 400, "invalid xrpc path", "", ""},
        {"TwoSegments", "GET", "/xrpc/a.b", 400, "invalid xrpc path", "", ""},
        {"NotAnNsid", "GET", "/xrpc/_bad", 400, "invalid xrpc path", "", ""},
        {"EmptySegment", "GET", "/xrpc/a..b.c", 400, "invalid xrpc path", "", ""},
        {"EncodedNsid", "GET", "/xrpc/app%2Eexample.getThing", 400, "invalid xrpc path", "", ""},
        {"PathBelowNsid", "GET", "/xrpc/app.example.getThing/x", 400, "invalid xrpc path", "", ""},
        {"UnknownNsid", "GET", "/xrpc/app.example.other", 501, "MethodNotImplemented", "", ""},
        {"UnknownNsidBeforeItsQuery", "GET", "/xrpc/app.example.other", 501, "MethodNotImplemented", "", "%zz"},
        {"UnknownNsidAnyVerb", "PATCH", "/xrpc/app.example.other", 501, "MethodNotImplemented", "", ""},
        {"Query", "GET", kQueryNsid, 200, "query app.example.getThing", "", ""},
        {"QueryHead", "HEAD", kQueryNsid, 200, "query app.example.getThing", "", ""},
        {"QueryByPost", "POST", kQueryNsid, 405, "expected GET, HEAD", "GET, HEAD", ""},
        {"Procedure", "POST", kProcedureNsid, 200, "procedure app.example.mintThing", "", ""},
        {"ProcedureByGet", "GET", kProcedureNsid, 405, "expected POST", "POST", ""},
        {"ProcedureByHead", "HEAD", kProcedureNsid, 405, "expected POST", "POST", ""},
        {"ProcedureByPut", "PUT", kProcedureNsid, 405, "expected POST", "POST", ""},
        {"VerbsAreCaseSensitive", "post", kProcedureNsid, 405, "expected POST", "POST", ""},
        {"WrongVerbBeforeItsQuery", "GET", kProcedureNsid, 405, "expected POST", "POST", "%zz"},
        {"TrailingSlash", "POST", "/xrpc/app.example.mintThing/", 200, "procedure", "", ""},
        {"TwoTrailingSlashes", "POST", "/xrpc/app.example.mintThing//", 400, "invalid xrpc path", "", ""},
        {"AuthorityInOtherCase", "POST", "/xrpc/App.EXAMPLE.mintThing", 200, "procedure app.example.mintThing", "", ""},
        {"NameInOtherCase", "POST", "/xrpc/app.example.mintthing", 501, "MethodNotImplemented", "", ""},
        {"UndecodableQuery", "POST", kProcedureNsid, 400, "percent-encoding", "", "a=%zz"},
        {"UnknownParameter", "POST", kProcedureNsid, 200, "procedure", "", "unknown=1&__proto__=x"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(Router, HandsTheParametersOver) {
  Router router;
  QueryParams seen;
  router.AddMethod("app.example.getThing", XrpcKind::kQuery, [&](const XrpcCall& call) {
    seen = call.params;
    return Ok("");
  });
  HttpRequest request;
  request.method = "GET";
  request.path = kQueryNsid;
  request.query = "a=1&b=%41%2b+x&a=2&=n&c&&d=e=f";
  EXPECT_EQ(router.Route(request).status, 200);
  EXPECT_THAT(seen, ElementsAre(Pair("", "n"), Pair("a", "1"), Pair("a", "2"), Pair("b", "A+ x"), Pair("c", ""),
                                Pair("d", "e=f")));
}

TEST(ParseQuery, RefusesWhatItCannotDecode) {
  for (const char* query : {"%", "a=%", "a=%4", "a=%4g", "%zz=1", "a=%00", "a=b&c=%f"}) {
    EXPECT_EQ(ErrorResponse(ParseQuery(query).status(), "r").status, 400) << query;
  }
}

TEST(ParseQuery, IsBounded) {
  std::string query;
  for (int i = 0; i < 64; ++i) absl::StrAppend(&query, "&a=", i);
  EXPECT_EQ(ParseQuery(query)->size(), 64u);
  EXPECT_EQ(WireName(ParseQuery(query + "&b").status()), "InvalidRequest");
}

TEST(CheckNoInput, RefusesAnyByte) {
  HttpRequest request;
  EXPECT_TRUE(CheckNoInput(request).ok());
  request.headers = {{"Content-Type", "text/plain"}, {"Content-Length", "0"}};
  EXPECT_TRUE(CheckNoInput(request).ok());
  request.body = "{}";
  const HttpResponse response = ErrorResponse(CheckNoInput(request), "r");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            "{\"error\":\"InvalidRequest\",\"message\":\"A request body was provided when none was expected\"}");
}

}  // namespace
}  // namespace tokens::xrpc
