#include "xrpc_shim/json_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using ::testing::HasSubstr;

HttpRequest Post(const std::string& body, HttpHeaders headers) {
  HttpRequest request;
  request.method = "POST";
  request.body = body;
  request.headers = std::move(headers);
  return request;
}

struct Refused {
  const char* name;
  std::string body;
  HttpHeaders headers;
  const char* error;
  const char* message;
};

class RefusedInput : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedInput, IsRefusedAsTheReferenceDoes) {
  const auto input = ReadJsonInput(Post(GetParam().body, GetParam().headers));
  ASSERT_FALSE(input.ok());
  EXPECT_EQ(std::string(WireName(input.status())), GetParam().error);
  EXPECT_THAT(std::string(input.status().message()), HasSubstr(GetParam().message));
}

const std::pair<std::string, std::string> kJson = {"Content-Type", "application/json"};

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedInput,
    ::testing::Values(
        Refused{"NoBody", "", {}, "InvalidRequest", "A request body is expected but none was provided"},
        Refused{"NoBodyOfAType", "", {kJson}, "InvalidRequest", "A request body is expected"},
        Refused{"EmptyBody", "", {{"Content-Length", "0"}, kJson}, "InvalidRequest", "(Content-Type) required"},
        Refused{"EmptyChunks", "", {{"Transfer-Encoding", "chunked"}, kJson}, "InvalidRequest", "(Content-Type)"},
        Refused{"NoType", "{}", {}, "InvalidRequest", "(Content-Type) required but not provided"},
        Refused{"OtherType", "{}", {{"Content-Type", "text/plain"}}, "InvalidRequest", "(Content-Type): text/plain"},
        Refused{"TwoTypes", "{}", {kJson, kJson}, "InvalidRequest", "Wrong request encoding"},
        Refused{"LongerType", "{}", {{"Content-Type", "application/json5"}}, "InvalidRequest", "Wrong request"},
        Refused{"Charset", "{}", {{"Content-Type", "application/json; charset=utf-16"}}, "UnsupportedMediaType", ""},
        Refused{"Compressed", "{}", {kJson, {"Content-Encoding", "gzip"}}, "UnsupportedMediaType", "content encoding"},
        Refused{"NotJson", "{", {kJson}, "InvalidRequest", "not JSON"},
        Refused{"NotUtf8", "{\"id\":\"\xff\"}", {kJson}, "InvalidRequest", "not JSON"},
        Refused{"NameTwice", R"({"id":"a","id":"b"})", {kJson}, "InvalidRequest", "occurs twice"},
        Refused{"TooDeep", std::string(17, '[') + std::string(17, ']'), {kJson}, "InvalidRequest", "too deeply"},
        Refused{"TooLong", "{}" + std::string(65536, ' '), {kJson}, "InvalidRequest", "too long"},
        Refused{"NoObject", "[]", {kJson}, "InvalidRequest", "must be an object"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(JsonInput, IsReadWhateverTheParametersOfItsType) {
  for (const char* type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                           "application/json;charset=\"UTF-8\"", "application/json ; version=1"}) {
    const auto input = ReadJsonInput(Post(R"({"id":"a"})", {{"content-type", type}, {"Content-Encoding", "identity"}}));
    ASSERT_TRUE(input.ok()) << type << ": " << input.status();
    EXPECT_EQ(input->at("id"), "a");
  }
}

TEST(JsonResponse, IsNeverCachedAndNeverThrows) {
  const HttpResponse response = JsonResponse({{"label", "a\xff"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\"label\":\"a\xef\xbf\xbd\"}");
  EXPECT_THAT(response.headers, ::testing::ElementsAre(::testing::Pair("Cache-Control", "no-store")));
}

TEST(DatetimeOf, KeepsMilliseconds) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(1'931'536'000);
  timestamp.set_nanos(7'000'000);
  EXPECT_EQ(DatetimeOf(timestamp), "2031-03-17T17:46:40.007Z");
}

}  // namespace
}  // namespace tokens::xrpc
