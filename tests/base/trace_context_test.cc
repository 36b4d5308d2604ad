#include "token_service/base/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace tokens {
namespace {

using ::testing::MatchesRegex;

constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpanId[] = "00f067aa0ba902b7";
constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceparentTest, IsReadAsTheSpecificationSays) {
  const struct {
    const char* what;
    std::string text;
    int flags;
  } cases[] = {
      {"sampled", absl::StrCat("00-", kTraceId, "-", kSpanId, "-01"), 1},
      {"not sampled", absl::StrCat("00-", kTraceId, "-", kSpanId, "-00"), 0},
      {"random", absl::StrCat("00-", kTraceId, "-", kSpanId, "-03"), 3},
      {"unknown flags are dropped", absl::StrCat("00-", kTraceId, "-", kSpanId, "-fd"), 1},
      {"later version", absl::StrCat("01-", kTraceId, "-", kSpanId, "-01"), 1},
      {"later version with more", absl::StrCat("cc-", kTraceId, "-", kSpanId, "-01-what-comes-next"), 1},
      {"later version with a dash", absl::StrCat("fe-", kTraceId, "-", kSpanId, "-00-"), 0},
  };
  for (const auto& row : cases) {
    const auto parent = ParseTraceparent(row.text);
    ASSERT_TRUE(parent.has_value()) << row.what;
    EXPECT_EQ(parent->trace_id, kTraceId) << row.what;
    EXPECT_EQ(parent->span_id, kSpanId) << row.what;
    EXPECT_EQ(parent->flags, row.flags) << row.what;
    EXPECT_EQ(parent->state, "") << row.what;
  }
}

TEST(TraceparentTest, EverythingElseIsNone) {
  const std::string good = kParent;
  const auto with = [&good](size_t at, char c) {
    std::string text = good;
    text[at] = c;
    return text;
  };
  const struct {
    const char* what;
    std::string text;
  } cases[] = {
      {"nothing", ""},
      {"version ff", absl::StrCat("ff", good.substr(2))},
      {"version in capitals", absl::StrCat("CC", good.substr(2))},
      {"version that is no hex", absl::StrCat("0x", good.substr(2))},
      {"version 00 with more", good + "-00"},
      {"version 00 with a space", good + " "},
      {"version 00 with a line feed", good + "\n"},
      {"space in front", " " + good.substr(0, good.size() - 1)},
      {"later version too short", absl::StrCat("01", good.substr(2, 52))},
      {"later version with more digits", absl::StrCat("01", good.substr(2), "1")},
      {"one short", good.substr(0, 54)},
      {"trace id of zeros", absl::StrCat("00-", std::string(32, '0'), "-", kSpanId, "-01")},
      {"span id of zeros", absl::StrCat("00-", kTraceId, "-", std::string(16, '0'), "-01")},
      {"capital in the trace id", with(4, 'B')},
      {"capital in the span id", with(39, 'F')},
      {"trace id that is no hex", with(10, 'g')},
      {"span id that is no hex", with(50, '/')},
      {"flags that are no hex", with(54, '.')},
      {"NUL", with(20, '\0')},
      {"high byte", with(20, '\xe9')},
      {"no first dash", with(2, '0')},
      {"no second dash", with(35, '0')},
      {"no third dash", with(52, '_')},
      {"two in one", absl::StrCat(good, ",", good)},
      {"long", std::string(8000, '0')},
  };
  for (const auto& row : cases) EXPECT_FALSE(ParseTraceparent(row.text).has_value()) << row.what;
}

TEST(TraceparentTest, IsWrittenAsItWasRead) {
  EXPECT_EQ(FormatTraceparent(*ParseTraceparent(kParent)), kParent);
  EXPECT_EQ(FormatTraceparent({kTraceId, kSpanId, 0, ""}), absl::StrCat("00-", kTraceId, "-", kSpanId, "-00"));
}

TEST(TracestateTest, WellFormedAndShort) {
  std::string most;
  for (int i = 0; i < 32; ++i) absl::StrAppend(&most, i == 0 ? "" : ",", "k", i, "=v");
  for (const std::string& good :
       {std::string("rojo=00f067aa0ba902b7"), std::string("rojo=1,congo=t61rcWkgMzE"), std::string("a=1 , b=2"),
        std::string(",a=1,,b=2,"), std::string("0tenant@vendor=!\"#$%&'()*+-./:;<>?@[]^_`{|}~"),
        std::string("a_-*/@9=x y"), "a=" + std::string(256, 'v'), std::string(256, 'k') + "=v", most}) {
    EXPECT_TRUE(IsTracestate(good)) << good;
  }
  const std::string half = std::string(253, 'v');
  EXPECT_TRUE(IsTracestate(absl::StrCat("aa=", half, ",b=", half)));    // 512 bytes
  EXPECT_FALSE(IsTracestate(absl::StrCat("aaa=", half, ",b=", half)));  // 513
  for (const std::string& bad :
       {std::string(), std::string(" "), std::string(",,"), std::string("a"), std::string("a="), std::string("=1"),
        std::string("A=1"), std::string("_a=1"), std::string("a =1"), std::string("a=1=2"), std::string("a=1,a=2"),
        std::string("a=1\t,b=2"), std::string("a=1\n"), std::string("a=\xc3\xa9"), std::string("a=1\0", 4),
        "a=" + std::string(257, 'v'), std::string(257, 'k') + "=v", most + ",k32=v"}) {
    EXPECT_FALSE(IsTracestate(bad)) << bad;
  }
}

TEST(SpanTest, ContinuesTheTraceUnderANameOfItsOwn) {
  const TraceContext span = BeginSpan({kParent}, {"a=1", "b=2"});
  EXPECT_EQ(span.trace_id, kTraceId);
  EXPECT_THAT(span.span_id, MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(span.span_id, kSpanId);
  EXPECT_NE(span.span_id, BeginSpan({kParent}, {}).span_id);
  EXPECT_EQ(span.flags, 1);
  EXPECT_EQ(span.state, "a=1,b=2");
}

TEST(SpanTest, BeginsATraceWhereThereIsNotOneGoodTraceparent) {
  const std::vector<std::vector<absl::string_view>> cases = {{}, {""}, {kParent, kParent}, {"00-bad"}};
  for (const auto& traceparents : cases) {
    const TraceContext span = BeginSpan(traceparents, {"a=1"});
    EXPECT_THAT(span.trace_id, MatchesRegex("[0-9a-f]{32}"));
    EXPECT_NE(span.trace_id, kTraceId);
    EXPECT_NE(span.trace_id, BeginSpan(traceparents, {}).trace_id);
    EXPECT_EQ(span.flags, 2);  // random, and not recorded
    EXPECT_EQ(span.state, "");
    EXPECT_TRUE(ParseTraceparent(FormatTraceparent(span)).has_value());
  }
}

TEST(SpanTest, ATracestateThatIsWrongSomewhereIsDroppedWhole) {
  EXPECT_EQ(BeginSpan({kParent}, {"a=1", "B=2"}).state, "");
  EXPECT_EQ(BeginSpan({kParent}, {"a=1", "a=2"}).state, "");
  EXPECT_EQ(BeginSpan({kParent}, {std::string(600, 'a')}).state, "");
  EXPECT_EQ(BeginSpan({kParent}, {}).state, "");
}

}  // namespace
}  // namespace tokens
