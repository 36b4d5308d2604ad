#include "token_service/identity/host_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace tokens {
namespace {

TEST(HostRules, OnlyPublicNamesAreTaken) {
  for (const char* host : {"example.com", "a.b.example.com", "EXAMPLE.COM"}) {
    EXPECT_TRUE(IsTakenBy(WebHosts::kPublic, host)) << host;
  }
  for (const char* host : {"", "com", "localhost", "a.localhost", "a.local", "a.LOCAL", "a.internal", "a.example",
                           "a.arpa", "a.alt", "a.onion", "a.invalid", "a.test", "127.0.0.1", "a_b.com"}) {
    EXPECT_FALSE(IsTakenBy(WebHosts::kPublic, host)) << host;
  }
  EXPECT_TRUE(IsTakenBy(WebHosts::kDevelopment, "a.test"));
  EXPECT_FALSE(IsTakenBy(WebHosts::kDevelopment, "a.local"));
}

TEST(HostRules, AnOriginIsWrittenInOneWay) {
  const struct {
    const char* url;
    bool in_public;
    bool in_development;
  } cases[] = {
      {"https://pds.example.com", true, true},
      {"https://pds.example.com:8443", true, true},
      {"https://pds.example.com:65535", true, true},
      {"http://pds.example.com", false, true},
      {"http://127.0.0.1:2583", false, true},
      {"http://localhost:443", false, true},
      {"https://pds.example.com:443", false, false},
      {"http://pds.example.com:80", false, false},
      {"https://pds.example.com:", false, false},
      {"https://pds.example.com:0", false, false},
      {"https://pds.example.com:08443", false, false},
      {"https://pds.example.com:65536", false, false},
      {"https://pds.example.com:99999999999", false, false},
      {"https://pds.example.com:+1", false, false},
      {"https://pds.example.com:1:2", false, false},
      {"https://pds.example.com/", false, false},
      {"https://pds.example.com/xrpc", false, false},
      {"https://pds.example.com?x", false, false},
      {"https://pds.example.com#x", false, false},
      {"https://user@pds.example.com", false, false},
      {"https://user:8443", true, true},  // a host and its port
      {"https://PDS.example.com", false, false},
      {"https://pds.example.com.", false, false},
      {"https://.example.com", false, false},
      {"https://", false, false},
      {"HTTPS://pds.example.com", false, false},
      {" https://pds.example.com", false, false},
      {"https://pds.example.com ", false, false},
      {"ftp://pds.example.com", false, false},
      {"pds.example.com", false, false},
      {"", false, false},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(IsOrigin(WebHosts::kPublic, row.url), row.in_public) << row.url;
    EXPECT_EQ(IsOrigin(WebHosts::kDevelopment, row.url), row.in_development) << row.url;
  }
  EXPECT_FALSE(IsOrigin(WebHosts::kPublic, "https://" + std::string(254, 'a')));
}

}  // namespace
}  // namespace tokens
