#include "token_service/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"

namespace tokens {
namespace {

TEST(Utf8Test, AcceptsTheFirstAndTheLastCharacterOfEachLength) {
  for (const char* text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf", "\xed\x9f\xbf",
                           "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa9\xf0\x9f\x93\xb1z"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  EXPECT_TRUE(IsUtf8(absl::string_view("\0", 1)));
}

TEST(Utf8Test, RefusesWhatIsNoCharacter) {
  const struct {
    const char* name;
    const char* text;
  } cases[] = {
      {"lone continuation", "\x80"},
      {"overlong 2", "\xc1\xbf"},
      {"overlong 3", "\xe0\x9f\xbf"},
      {"overlong 4", "\xf0\x8f\xbf\xbf"},
      {"surrogate", "\xed\xa0\x80"},
      {"over U+10FFFF", "\xf4\x90\x80\x80"},
      {"no such first byte", "\xf5\x80\x80\x80"},
      {"cut short", "\xe2\x82"},
      {"no continuation", "\xc3z"},
      {"no second continuation", "\xe2\x82z"},
  };
  for (const auto& row : cases) EXPECT_FALSE(IsUtf8(row.text)) << row.name;
}

TEST(ControlCharacters, AreFoundInAllTheirForms) {
  for (const std::string& text : {std::string(1, '\0'), std::string("a\nb"), std::string("\x1f"), std::string("\x7f"),
                                  std::string("a\xc2\x80"), std::string("\xc2\x9f")}) {
    EXPECT_TRUE(HasControlCharacter(text)) << absl::CHexEscape(text);
  }
  for (const char* text : {"", "a b", "~", "\xc2\xa0", "\xc3\x80", "\xe2\x82\xac"}) {
    EXPECT_FALSE(HasControlCharacter(text)) << absl::CHexEscape(text);
  }
}

}  // namespace
}  // namespace tokens
