#include "token_service/base/request_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tokens {
namespace {

TEST(RequestIdTest, OnlyShortPlainText) {
  EXPECT_TRUE(IsRequestId("a"));
  EXPECT_TRUE(IsRequestId("AZaz09-_."));
  EXPECT_TRUE(IsRequestId(std::string(48, 'a')));
  for (const std::string& bad :
       {std::string(), std::string(49, 'a'), "dpwt_" + std::string(49, 'a'), std::string("a b"), std::string("a\"b"),
        std::string("a/b"), std::string("\xc3\xa9"), std::string("a\0b", 3), std::string("a\n")}) {
    EXPECT_FALSE(IsRequestId(bad)) << bad;
  }
}

TEST(RequestIdTest, MadeOnesAreWellFormedAndDiffer) {
  EXPECT_THAT(MakeRequestId(), ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(MakeRequestId(), MakeRequestId());
}

}  // namespace
}  // namespace tokens
