#include "token_service/jose/strict_json.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace tokens::testing {
namespace {

using nlohmann::json;

constexpr JsonLimits kLimits = {.max_bytes = 1000, .max_depth = 4};

TEST(StrictJsonTest, EveryKindOfValueIsRead) {
  const absl::StatusOr<json> value = ParseStrictJson(
      R"( {"s":"a\u00e4\ud83d\ude00\n","i":-7,"u":18446744073709551615,"d":1.5,"t":true,"f":false,"n":null,
          "a":[1,[2,{"x":3}],{}],"o":{"x":{}}} )",
      kLimits);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ((*value)["s"], "a\xc3\xa4\xf0\x9f\x98\x80\n");
  EXPECT_EQ((*value)["i"], -7);
  EXPECT_EQ((*value)["u"], 18446744073709551615u);
  EXPECT_EQ((*value)["d"], 1.5);
  EXPECT_EQ((*value)["t"], true);
  EXPECT_EQ((*value)["f"], false);
  EXPECT_EQ((*value)["n"], nullptr);
  EXPECT_EQ((*value)["a"].dump(), R"([1,[2,{"x":3}],{}])");
  EXPECT_EQ((*value)["o"].dump(), R"({"x":{}})");
  EXPECT_EQ(value->size(), 9u);
}

TEST(StrictJsonTest, AScalarIsAValueToo) {
  EXPECT_EQ(ParseStrictJson("null", kLimits).value(), nullptr);
  EXPECT_EQ(ParseStrictJson(" \"x\"\n", kLimits).value(), "x");
  EXPECT_EQ(ParseStrictJson("12", kLimits).value(), 12);
}

TEST(StrictJsonTest, SameNameInDifferentObjectsIsNoDuplicate) {
  EXPECT_TRUE(ParseStrictJson(R"({"a":{"a":[{"a":1},{"a":2}]},"A":3})", kLimits).ok());
}

TEST(StrictJsonTest, WhatIsNotStrictJsonIsInvalidArgument) {
  const struct {
    const char* why;
    std::string text;
  } cases[] = {
      {"nothing", ""},
      {"white space", "  \n"},
      {"words", "not json"},
      {"cut short", R"({"a":1)"},
      {"cut short in a string", R"({"a":"b)"},
      {"two values", "{} {}"},
      {"text after the value", R"({"a":1}x)"},
      {"NUL after the value", std::string("{}\0", 3)},
      {"NUL and more after the value", std::string("{}\0{", 4)},
      {"NUL in a string", std::string("\"a\0b\"", 5)},
      {"byte order mark", "\xef\xbb\xbf{}"},
      {"comment", "{} // {}"},
      {"comma at the end", "[1,]"},
      {"single quotes", "{'a':1}"},
      {"bare name", "{a:1}"},
      {"NaN", "[NaN]"},
      {"hexadecimal", "[0x1]"},
      {"leading zero", "[01]"},
      {"plus sign", "[+1]"},
      {"beyond a double", "[1e999]"},
      {"control character in a string", "\"a\nb\""},
      {"byte that is never UTF-8", "\"\xff\""},
      {"UTF-8 cut short", "\"\xc3\""},
      {"overlong UTF-8", "\"\xc0\xaf\""},
      {"surrogate in UTF-8", "\"\xed\xa0\x80\""},
      {"beyond Unicode", "\"\xf4\x90\x80\x80\""},
      {"UTF-8 cut short in a name", "{\"\xc3\":1}"},
      {"first half of a surrogate pair", R"("\ud83d")"},
      {"second half of a surrogate pair", R"("\ude00")"},
      {"name twice", R"({"a":1,"a":1})"},
      {"name twice, not side by side", R"({"a":1,"b":2,"a":3})"},
      {"name twice, once escaped", R"({"aud":1,"\u0061ud":2})"},
      {"name twice, deeper", R"([{"x":{"a":1,"a":null}}])"},
      {"name twice, first value is an object", R"({"a":{},"a":{}})"},
      {"empty name twice", R"({"":1,"":2})"},
  };
  for (const auto& [why, text] : cases) {
    EXPECT_EQ(ParseStrictJson(text, kLimits).status().code(), absl::StatusCode::kInvalidArgument) << why;
  }
}

TEST(StrictJsonTest, DepthCountsObjectsAndArrays) {
  EXPECT_TRUE(ParseStrictJson(R"([{"a":[{}]}])", kLimits).ok());
  EXPECT_FALSE(ParseStrictJson(R"([{"a":[{"b":[]}]}])", kLimits).ok());
  EXPECT_TRUE(ParseStrictJson("[[],[],[],[],[]]", kLimits).ok());
  EXPECT_TRUE(ParseStrictJson("1", {.max_bytes = 10, .max_depth = 0}).ok());
  EXPECT_FALSE(ParseStrictJson("[]", {.max_bytes = 10, .max_depth = 0}).ok());
}

TEST(StrictJsonTest, AMillionBracketsDoNotExhaustTheStack) {
  EXPECT_FALSE(ParseStrictJson(std::string(1'000'000, '['), {.max_bytes = 2'000'000, .max_depth = 4}).ok());
}

TEST(StrictJsonTest, TheLimitIsTheLastLengthThatIsRead) {
  EXPECT_TRUE(ParseStrictJson("[1,2]", {.max_bytes = 5, .max_depth = 1}).ok());
  EXPECT_FALSE(ParseStrictJson("[1,2]", {.max_bytes = 4, .max_depth = 1}).ok());
}

TEST(StrictJsonTest, ErrorsDoNotQuoteTheText) {
  for (const char* text : {"hunter2", R"({"hunter2":1,"hunter2":2})", R"("hunter2)", "[[[[[\"hunter2\"]]]]]"}) {
    EXPECT_EQ(ParseStrictJson(text, kLimits).status().message().find("hunter2"), absl::string_view::npos) << text;
  }
}

TEST(FindStringTest, FindsStringsAndNothingElse) {
  const json value = {{"s", "text"}, {"n", 1}, {"null", nullptr}, {"a", {"text"}}};
  ASSERT_NE(FindString(value, "s"), nullptr);
  EXPECT_EQ(*FindString(value, "s"), "text");
  for (const char* name : {"n", "null", "a", "absent", ""}) EXPECT_EQ(FindString(value, name), nullptr) << name;
  EXPECT_EQ(FindString(json::array({"s"}), "s"), nullptr);
  EXPECT_EQ(FindString(json(nullptr), "s"), nullptr);
}

}  // namespace
}  // namespace tokens::testing
