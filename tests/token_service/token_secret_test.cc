#include "token_service/token_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>

#include "tests/support/fake_random.h"
#include "token_service/token_id.h"

namespace tokens {
namespace {

using testing::FakeRandom;
using ::testing::MatchesRegex;

TEST(TokenSecretTest, TextHasThePublishedShape) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto secret = TokenSecret::Generate("dpwt_", random);
    ASSERT_TRUE(secret.ok());
    EXPECT_THAT(secret->Reveal(), MatchesRegex("dpwt_[0-9A-Za-z]{49}"));
    EXPECT_TRUE(seen.insert(secret->Reveal()).second);
  }
}

// Computed apart from this code: base62 of 32 bytes 0x01 in 43 digits, then base62 of zlib's CRC-32 in 6 digits
// (Python).
TEST(TokenSecretTest, TextOfKnownBytesIsKnown) {
  FakeRandom random;
  const auto secret = TokenSecret::Generate("dpwt_", random);
  ASSERT_TRUE(secret.ok());
  EXPECT_EQ(secret->Reveal(), std::string("dpwt_") + "0El6XFXwsUFD8J2vGxsaboW7rZYnQRBP5d9erwRwd291P1zkV");
  EXPECT_EQ(TokenIdOf(secret->Digest()), "d71c3861b65ca0c11b88dc13df228a35");
}

TEST(TokenSecretTest, AFailingGeneratorMakesNoToken) {
  FakeRandom random;
  random.FailWith(absl::UnavailableError("no entropy"));
  EXPECT_EQ(TokenSecret::Generate("dpwt_", random).status().code(), absl::StatusCode::kUnavailable);
}

TEST(TokenSecretTest, CannotBeCopied) {
  static_assert(!std::is_copy_constructible_v<TokenSecret>);
  static_assert(!std::is_copy_assignable_v<TokenSecret>);
}

TEST(PresentedTokenTest, AGeneratedTokenParsesToItsDigest) {
  SystemRandom random;
  const auto secret = TokenSecret::Generate("dpwt_", random);
  const auto presented = ParsePresentedToken(secret->Reveal());
  ASSERT_TRUE(presented.has_value());
  EXPECT_EQ(presented->prefix, "dpwt_");
  EXPECT_EQ(presented->digest, secret->Digest());
}

TEST(PresentedTokenTest, AnySingleChangedCharacterIsRefused) {
  SystemRandom random;
  const std::string text = TokenSecret::Generate("dpwt_", random)->Reveal();
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'0', 'Z', 'a', '_', '\0', '\xff'}) {
      std::string changed = text;
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_FALSE(ParsePresentedToken(changed).has_value()) << "position " << i;
    }
  }
}

TEST(PresentedTokenTest, WrongShapesAreRefused) {
  SystemRandom random;
  const std::string text = TokenSecret::Generate("dpwt_", random)->Reveal();
  const std::string cases[] = {"",
                               "dpwt_",
                               text.substr(1),
                               text.substr(0, text.size() - 1),
                               text + "0",
                               " " + text,
                               text + "\n",
                               "Bearer " + text,
                               text + text,
                               "dpwt" + text.substr(5),
                               std::string(4096, 'a')};
  for (const std::string& each : cases) EXPECT_FALSE(ParsePresentedToken(each).has_value()) << each;
}

TEST(TokenPrefixTest, OnlyShortLowerCasePrefixesWithUnderscore) {
  for (const char* good : {"dpwt_", "ab_", "a1234567890b_"}) EXPECT_TRUE(IsTokenPrefix(good)) << good;
  for (const char* bad : {"", "_", "a_", "dpwt", "DPWT_", "1ab_", "a_b_", "ab-_", "a1234567890bc_", "a\xc3\xa9_"}) {
    EXPECT_FALSE(IsTokenPrefix(bad)) << bad;
  }
}

TEST(TokenIdTest, OnlyItsOwnFormIsRead) {
  EXPECT_EQ(ParseTokenId("00112233445566778899aabbccddeeff")->size(), 16u);
  for (const char* bad : {"", "0011", "00112233445566778899AABBCCDDEEFF", "00112233445566778899aabbccddeefg",
                          "00112233445566778899aabbccddeeff00"}) {
    EXPECT_FALSE(ParseTokenId(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace tokens
