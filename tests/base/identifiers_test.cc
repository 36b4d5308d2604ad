#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/interop_vectors.h"
#include "token_service/base/did.h"
#include "token_service/base/nsid.h"

namespace tokens::testing {
namespace {

std::string Repeat(size_t count, char c) { return std::string(count, c); }

// `labels` labels of nine letters, and the dots between them.
std::string Labels(int labels) {
  std::string text = "aaaaaaaaa";
  for (int i = 1; i < labels; ++i) text += ".aaaaaaaaa";
  return text;
}

struct Case {
  const char* why;
  std::string text;
  bool valid;
};

TEST(DidTest, SyntaxIsThatOfAtproto) {
  const Case cases[] = {
      {"plc", "did:plc:7iza6de2dwap2sbkpav7c6c6", true},
      {"unknown method", "did:example:123", true},
      {"one letter each", "did:m:v", true},
      {"colons inside", "did:method::::val", true},
      {"lower-case escape, not looked into", "did:method:-:_:.:%ab", true},
      {"longest", "did:m:" + Repeat(2042, 'v'), true},
      {"too long", "did:m:" + Repeat(2043, 'v'), false},
      {"empty", "", false},
      {"no method", "did::val", false},
      {"no identifier", "did:method:", false},
      {"only a method", "did:method", false},
      {"ends in a colon", "did:method:val:", false},
      {"ends in a percent sign", "did:method:val%", false},
      {"upper-case scheme", "DID:method:val", false},
      {"upper-case method", "did:Method:val", false},
      {"digit in the method", "did:m123:val", false},
      {"path", "did:method:val/two", false},
      {"query", "did:method:val?two", false},
      {"fragment", "did:method:val#two", false},
      {"newline at the end", "did:method:val\n", false},
      {"NUL inside", std::string("did:method:v\0l", 14), false},
      {"space before", " did:method:val", false},
      {"not ASCII", "did:method:v\xc3\xa4l", false},
  };
  for (const Case& c : cases) EXPECT_EQ(IsValidDid(c.text), c.valid) << c.why;
}

TEST(DidTest, AccountsArePlcOrHostLevelWeb) {
  const Case cases[] = {
      {"plc", "did:plc:7iza6de2dwap2sbkpav7c6c6", true},
      {"plc, 23 characters", "did:plc:7iza6de2dwap2sbkpav7c6c", false},
      {"plc, 25 characters", "did:plc:7iza6de2dwap2sbkpav7c6c6a", false},
      {"plc, not base32", "did:plc:7iza6de2dwap2sbkpav7c6c1", false},
      {"plc, upper case", "did:plc:7IZA6DE2DWAP2SBKPAV7C6C6", false},
      {"plc, fragment", "did:plc:7iza6de2dwap2sbkpav7c6#6", false},
      {"web", "did:web:example.com", true},
      {"web, many labels", "did:web:a.b.c.example.com", true},
      {"web, one label", "did:web:example", false},
      {"web, path", "did:web:example.com:user:alice", false},
      {"web, port", "did:web:example.com%3A8080", false},
      {"web, address", "did:web:127.0.0.1", false},
      {"web, dot at the end", "did:web:example.com.", false},
      {"web, fragment", "did:web:example.com#atproto", false},
      {"web, user", "did:web:user@example.com", false},
      {"web, nothing", "did:web:", false},
      {"localhost", "did:web:localhost", true},
      {"localhost with port", "did:web:localhost%3A1234", true},
      {"localhost, highest port", "did:web:localhost%3A65535", true},
      {"localhost, port too high", "did:web:localhost%3A65536", false},
      {"localhost, port 0", "did:web:localhost%3A0", false},
      {"localhost, leading zero", "did:web:localhost%3A080", false},
      {"localhost, signed port", "did:web:localhost%3A+80", false},
      {"localhost, no port", "did:web:localhost%3A", false},
      {"localhost, lower-case escape", "did:web:localhost%3a1234", false},
      {"localhost, path", "did:web:localhost%3A1234:user", false},
      {"another method", "did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N", false},
      {"not a DID", "alice.example.com", false},
      {"empty", "", false},
  };
  for (const Case& c : cases) EXPECT_EQ(IsAtprotoDid(c.text), c.valid) << c.why;
}

TEST(HandleTest, IsAHostNameOfTwoLabelsOrMore) {
  const Case cases[] = {
      {"ordinary", "alice.example.com", true},
      {"upper case", "A.ISI.EDU", true},
      {"label begins with a digit", "8.cn", true},
      {"punycode", "xn--ls8h.test", true},
      {"longest label", Repeat(63, 'o') + ".test", true},
      {"label too long", Repeat(64, 'o') + ".test", false},
      {"longest", Labels(25) + ".com", true},  // 25 * 10 - 1 + 4 = 253
      {"too long", Labels(25) + ".coma", false},
      {"one label", "com", false},
      {"last label begins with a digit", "john.0", false},
      {"address", "127.0.0.1", false},
      {"hyphen first", "-john.test", false},
      {"hyphen last", "john-.test", false},
      {"hyphen ends the last label", "john.tes-", false},
      {"underscore", "jo_hn.test", false},
      {"empty label", "john..test", false},
      {"dot first", ".john.test", false},
      {"dot last", "john.test.", false},
      {"newline at the end", "john.test\n", false},
      {"not ASCII",
       "b\xc3\xbc"
       "cher.test",
       false},
      {"empty", "", false},
  };
  for (const Case& c : cases) EXPECT_EQ(IsValidHandle(c.text), c.valid) << c.why;
}

TEST(NsidTest, IsADomainBackwardsAndAName) {
  const Case cases[] = {
      {"ordinary", "app.didpic.identity.mintWidgetToken", true},
      {"shortest", "a.b.c", true},
      {"digit begins an inner label", "cn.8.lex.stuff", true},
      {"digits in the name", "com.example.f00", true},
      {"hyphens in the domain", "a-0.b-1.c", true},
      {"longest", Labels(31) + ".names.f", true},  // 31 * 10 - 1 + 8 = 317
      {"too long", Labels(31) + ".names.fo", false},
      {"longest name", "com.example." + Repeat(63, 'o'), true},
      {"name too long", "com.example." + Repeat(64, 'o'), false},
      {"label too long", "com." + Repeat(64, 'o') + ".foo", false},
      {"two segments", "com.example", false},
      {"one segment", "com", false},
      {"digit first", "0two.example.foo", false},
      {"hyphen in the name", "com.example.foo-bar", false},
      {"name begins with a digit", "com.example.3", false},
      {"hyphen ends a label", "com.example-.foo", false},
      {"empty label", "one.two..three", false},
      {"empty name", "com.example.", false},
      {"dot first", ".one.two.three", false},
      {"wildcard", "com.example.*", false},
      {"fragment", "com.example.foo#main", false},
      {"newline at the end", "com.example.foo\n", false},
      {"space before", " com.example.foo", false},
      {"empty", "", false},
  };
  for (const Case& c : cases) EXPECT_EQ(IsValidNsid(c.text), c.valid) << c.why;
}

TEST(IdentifierInteropTest, PublicVectorsAreJudgedAsTheyAskFor) {
  SKIP_WITHOUT_INTEROP_VECTORS();
  const struct {
    const char* name;
    bool (*judge)(absl::string_view);
  } kinds[] = {{"did", IsValidDid}, {"handle", IsValidHandle}, {"nsid", IsValidNsid}};
  for (const auto& [name, judge] : kinds) {
    for (const auto& text : InteropLines(absl::StrCat("syntax/", name, "_syntax_valid.txt"))) {
      EXPECT_TRUE(judge(text)) << name << " " << text;
    }
    for (const auto& text : InteropLines(absl::StrCat("syntax/", name, "_syntax_invalid.txt"))) {
      EXPECT_FALSE(judge(text)) << name << " " << text;
    }
  }
}

}  // namespace
}  // namespace tokens::testing
