#include "token_service/jose/base64url.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace tokens::testing {
namespace {

TEST(Base64UrlTest, CanonicalTextIsDecoded) {
  EXPECT_EQ(DecodeBase64Url(""), std::optional<std::string>(""));
  EXPECT_EQ(DecodeBase64Url("Zg"), std::optional<std::string>("f"));
  EXPECT_EQ(DecodeBase64Url("Zm8"), std::optional<std::string>("fo"));
  EXPECT_EQ(DecodeBase64Url("Zm9v"), std::optional<std::string>("foo"));
  EXPECT_EQ(DecodeBase64Url("-_8"), std::optional<std::string>("\xfb\xff"));
  EXPECT_EQ(DecodeBase64Url("AA"), std::optional(std::string(1, '\0')));
}

TEST(Base64UrlTest, EveryOtherWayToWriteBytesIsRefused) {
  const struct {
    const char* why;
    std::string text;
  } cases[] = {
      {"padded", "Zg=="},
      {"padded by one", "Zm8="},
      {"padding alone", "=="},
      {"dots for padding", "Zg.."},
      {"standard alphabet", "+/8"},
      {"bits beyond the last byte, one byte", "Zh"},
      {"bits beyond the last byte, two bytes", "Zm9"},
      {"a quarter of a byte", "Z"},
      {"five characters", "Zm9vZ"},
      {"space inside", "Zm 9v"},
      {"newline at the end", "Zm9v\n"},
      {"NUL at the end", std::string("Zm9v\0", 5)},
      {"not ASCII", "Zm9\xc3"},
  };
  for (const auto& [why, text] : cases) EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << why;
}

}  // namespace
}  // namespace tokens::testing
