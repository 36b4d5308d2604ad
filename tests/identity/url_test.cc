#include "token_service/identity/url.h"

#include <gtest/gtest.h>

#include <string>

namespace tokens {
namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

TEST(ParseUrl, TellsThePartsApart) {
  const auto url = ParseUrl("HTTPS://user@App.Example.com:8443/a/b?c=d#e");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->scheme, "https");
  EXPECT_TRUE(url->has_authority);
  EXPECT_TRUE(url->has_credentials);
  EXPECT_EQ(url->host, "app.example.com");
  EXPECT_TRUE(url->has_port);
  EXPECT_EQ(url->port, "8443");
  EXPECT_EQ(url->path, "/a/b");
  EXPECT_TRUE(url->path_is_canonical);
  EXPECT_TRUE(url->has_query);
  EXPECT_TRUE(url->has_fragment);
}

TEST(ParseUrl, EmptyPartsArePresent) {
  EXPECT_TRUE(ParseUrl("https://@a.com/")->has_credentials);
  EXPECT_TRUE(ParseUrl("https://a.com:/")->has_port);
  EXPECT_TRUE(ParseUrl("https://a.com/?")->has_query);
  EXPECT_TRUE(ParseUrl("https://a.com/#")->has_fragment);
  EXPECT_TRUE(ParseUrl("com.example:///")->has_authority);
}

TEST(ParseUrl, ASchemeNeedsNoHost) {
  const auto url = ParseUrl("com.example.app:/callback");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->scheme, "com.example.app");
  EXPECT_FALSE(url->has_authority);
  EXPECT_EQ(url->host, "");
  EXPECT_EQ(url->path, "/callback");
}

TEST(ParseUrl, OneIpv6AddressHasOneForm) {
  for (const char* text : {"http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::0001]/"}) {
    EXPECT_EQ(ParseUrl(text)->host, "[::1]") << text;
  }
}

TEST(ParseUrl, APathIsCanonicalIfItCannotBeWrittenMorePlainly) {
  for (const char* path : {"", "/", "/a", "/a/", "/a.b/c..d", "//a", "/%20", "/a;b=c"}) {
    EXPECT_TRUE(ParseUrl(std::string("https://a.com") + path)->path_is_canonical) << path;
  }
  for (const char* path : {"/../a", "/a/..", "/./a", "/a/.", "/%2e%2E/a", "/%2e", "/%41", "/%2f"}) {
    EXPECT_FALSE(ParseUrl(std::string("https://a.com") + path)->path_is_canonical) << path;
  }
}

TEST(ParseUrl, WhatIsNotAUriIsNothing) {
  for (const char* text :
       {"", "a.com", "/a", "https", "://a.com", "https://a.com/ b", " https://a.com", "https://a.com/%zz",
        "https://a.com\\@b.com", "https://a.com/\n", "https://[::1/", "https://a.com:port/", "https://a.com:80path",
        "https://\xc3\xa4.com/", "https://a.com/\""}) {
    EXPECT_FALSE(ParseUrl(text).has_value()) << text;
  }
}

TEST(ParseUrlQuery, DecodesInOrder) {
  EXPECT_EQ(ParseUrlQuery("a=b%20c+d&a=%2B&e=&f"), (Params{{"a", "b c d"}, {"a", "+"}, {"e", ""}, {"f", ""}}));
  EXPECT_EQ(ParseUrlQuery(""), Params());
  for (const char* query : {"a=%zz", "a=b c", "a=#"}) EXPECT_FALSE(ParseUrlQuery(query).has_value()) << query;
}

}  // namespace
}  // namespace tokens
