#include "token_service/jose/base58.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace tokens::testing {
namespace {

TEST(Base58Test, BytesAndTextAreOneToOne) {
  const struct {
    std::string bytes;
    std::string text;
  } cases[] = {
      // The last three are the examples of draft-msporny-base58.
      {"", ""},
      {std::string(1, '\0'), "1"},
      {"\xff", "5Q"},
      {std::string("\0\0\x01", 3), "112"},
      {"Hello World!", "2NEpo7TZRRrLZSi2U"},
      {"The quick brown fox jumps over the lazy dog.", "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"},
      {std::string("\0\0\x28\x7f\xb4\xcd", 6), "11233QC4"},
  };
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(EncodeBase58(bytes), text);
    EXPECT_EQ(DecodeBase58(text), std::optional(bytes));
  }
}

TEST(Base58Test, CharactersOutsideTheAlphabetAreRefused) {
  for (const std::string text : {"0", "O", "I", "l", "2NEpo7TZ RrLZSi2U", "2N\n", "+", "\xc3\xa4"}) {
    EXPECT_EQ(DecodeBase58(text), std::nullopt) << text;
  }
  EXPECT_EQ(DecodeBase58(absl::string_view("2\0N", 3)), std::nullopt);
}

TEST(Base58Test, TextLongerThanAnyKeyIsRefused) {
  EXPECT_TRUE(DecodeBase58(std::string(kMaxBase58Chars, '2')).has_value());
  EXPECT_EQ(DecodeBase58(std::string(kMaxBase58Chars + 1, '2')), std::nullopt);
}

TEST(Base58Test, EveryPointFitsTheLimit) { EXPECT_LE(EncodeBase58(std::string(65, '\xff')).size(), kMaxBase58Chars); }

}  // namespace
}  // namespace tokens::testing
