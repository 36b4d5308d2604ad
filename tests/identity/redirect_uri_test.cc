#include "token_service/identity/redirect_uri.h"

#include <gtest/gtest.h>

#include "token_service/identity/client_rule.h"

namespace tokens {
namespace {

constexpr ApplicationType kWeb = ApplicationType::kWeb;
constexpr ApplicationType kNative = ApplicationType::kNative;

absl::Status Check(const char* uri, ApplicationType type) {
  return CheckRedirectUri(uri, type, *ParseUrl("https://app.example.com/client.json"));
}

TEST(RedirectUri, TakesWhatTheApplicationMayHave) {
  const struct {
    const char* uri;
    ApplicationType type;
  } kRows[] = {
      {"https://app.example.com/cb", kWeb},  {"https://other.example.com:8443/cb?a=b", kWeb},
      {"https://93.184.216.34/cb", kWeb},    {"https://app.example.com/cb", kNative},
      {"http://127.0.0.1/", kNative},        {"http://127.0.0.1:8080/cb", kNative},
      {"http://[::1]:8080/cb", kNative},     {"com.example.app:/cb", kNative},
      {"com.example.app:/a/b?c=d", kNative},
  };
  for (const auto& row : kRows)
    EXPECT_TRUE(Check(row.uri, row.type).ok()) << row.uri << " " << Check(row.uri, row.type);
}

TEST(RedirectUri, EachRuleIsNamedByItself) {
  const struct {
    const char* uri;
    ApplicationType type;
    const char* rule;
  } kRows[] = {
      {"", kWeb, "redirect_uri_url"},
      {"/cb", kWeb, "redirect_uri_url"},
      {"https:/cb", kWeb, "redirect_uri_url"},
      {"https:///cb", kWeb, "redirect_uri_url"},
      {"https://user@app.example.com/cb", kWeb, "redirect_uri_credentials"},
      {"http://user@127.0.0.1/cb", kNative, "redirect_uri_credentials"},
      {"http://localhost/cb", kNative, "redirect_uri_localhost"},
      {"https://LOCALHOST/cb", kWeb, "redirect_uri_localhost"},
      {"http://127.0.0.1/cb", kWeb, "redirect_uri_loopback_web"},
      {"http://[::1]/cb", kWeb, "redirect_uri_loopback_web"},
      {"https://127.0.0.1/cb", kNative, "redirect_uri_loopback_scheme"},
      {"https://[0:0:0:0:0:0:0:1]/cb", kNative, "redirect_uri_loopback_scheme"},
      {"http://app.example.com/cb", kWeb, "redirect_uri_http"},
      {"http://127.0.0.2/cb", kNative, "redirect_uri_http"},
      {"https://app/cb", kWeb, "redirect_uri_local_host"},
      {"https://app.local/cb", kWeb, "redirect_uri_local_host"},
      {"https://app.example.com:443/cb", kWeb, "redirect_uri_default_port"},
      {"https://other.example.com/cb", kNative, "redirect_uri_native_origin"},
      {"https://app.example.com:8443/cb", kNative, "redirect_uri_native_origin"},
      {"com.example.app:/cb", kWeb, "redirect_uri_private_web"},
      {"com.example.app://cb", kNative, "redirect_uri_private_form"},
      {"com.example.app:///cb", kNative, "redirect_uri_private_form"},
      {"com.example.app:cb", kNative, "redirect_uri_private_form"},
      {"com.example.other:/cb", kNative, "redirect_uri_private_scheme"},
      {"app.example.com:/cb", kNative, "redirect_uri_private_scheme"},
      {"com.example:/cb", kNative, "redirect_uri_private_scheme"},
      {"myapp:/cb", kNative, "redirect_uri_scheme"},
      {"ftp://app.example.com/cb", kWeb, "redirect_uri_scheme"},
      {"javascript:alert(1)", kWeb, "redirect_uri_scheme"},
  };
  for (const auto& row : kRows) EXPECT_EQ(RejectingRule(Check(row.uri, row.type)), row.rule) << row.uri;
}

}  // namespace
}  // namespace tokens
