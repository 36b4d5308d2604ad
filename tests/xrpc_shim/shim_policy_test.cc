#include "xrpc_shim/shim_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/temp_directory.h"

namespace tokens::xrpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr ShimPolicyRules kRules = {.allow_http_issuers = false, .knows_public_url = true};

TEST(ShimPolicyTest, AnEmptyPolicyTakesNoAccessTokensAndHasTheDefaultLimits) {
  for (const auto& policy : {ParseShimPolicy("", kRules), ReadShimPolicy("", kRules)}) {
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_TRUE(policy->oauth_issuers.empty());
    EXPECT_EQ(policy->per_viewer, (RateLimit{300, absl::Minutes(5)}));
    EXPECT_EQ(policy->per_address, (RateLimit{3000, absl::Minutes(5)}));
  }
}

TEST(ShimPolicyTest, ReadsItsPartsAndLeavesTheRestToTokenService) {
  const testing::TempDirectory folder;
  const std::string path = folder.Write("policy.textproto", R"(
    profiles { name: "NOT A NAME" }
    oauth_issuers { url: "https://auth.example.com" trusted_for_all_accounts: true }
    oauth_issuers { url: "https://other.example.com:8443" jwks_file: "keys.json" trusted_for_all_accounts: true }
    rate_limits { per_viewer: 2 window { seconds: 60 } })");
  const auto policy = ReadShimPolicy(path, kRules);
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_THAT(policy->oauth_issuers, ElementsAre(OauthIssuer{"https://auth.example.com", "", true},
                                                 OauthIssuer{"https://other.example.com:8443", "keys.json", true}));
  EXPECT_EQ(policy->per_viewer, (RateLimit{2, absl::Minutes(1)}));
  EXPECT_EQ(policy->per_address, (RateLimit{3000, absl::Minutes(1)}));
}

TEST(ShimPolicyTest, EachFaultIsNamed) {
  const struct {
    const char* text;
    const char* fault;
  } cases[] = {
      {"}{", "line 1"},
      {"\nunknown: 1", "line 2"},
      {"profiles { nickname: \"x\" }", "nickname"},
      {"oauth_issuers { trusted_for_all_accounts: true }", "url:"},
      {"oauth_issuers { url: \"auth.example.com\" trusted_for_all_accounts: true }", "url:"},
      {"oauth_issuers { url: \"https://\" trusted_for_all_accounts: true }", "url:"},
      {"oauth_issuers { url: \"https://auth.example.com/\" trusted_for_all_accounts: true }", "url:"},
      {"oauth_issuers { url: \"https://u@auth.example.com\" trusted_for_all_accounts: true }", "url:"},
      {"oauth_issuers { url: \"http://auth.example.com\" trusted_for_all_accounts: true }", "--allow_insecure"},
      {"oauth_issuers { url: \"https://a.example\" trusted_for_all_accounts: true }"
       "oauth_issuers { url: \"https://a.example\" trusted_for_all_accounts: true }",
       "is there twice"},
      {"rate_limits { per_viewer: 0 }", "rate_limits.per_viewer: 1 to 1000000"},
      {"rate_limits { per_address: 1000001 }", "rate_limits.per_address: 1 to 1000000"},
      {"rate_limits { window { } }", "rate_limits.window:"},
      {"rate_limits { window { seconds: 1 nanos: 1 } }", "rate_limits.window:"},
      {"rate_limits { window { seconds: 86401 } }", "rate_limits.window:"},
  };
  for (const auto& row : cases) {
    const auto policy = ParseShimPolicy(row.text, kRules);
    EXPECT_TRUE(absl::IsInvalidArgument(policy.status())) << row.text;
    EXPECT_THAT(std::string(policy.status().message()), HasSubstr(row.fault)) << row.text;
  }
}

TEST(ShimPolicyTest, TheCommandLineDecidesAboutHttpAndThePublicUrl) {
  const char* const http = "oauth_issuers { url: \"http://127.0.0.1:1\" trusted_for_all_accounts: true }";
  EXPECT_TRUE(ParseShimPolicy(http, {.allow_http_issuers = true, .knows_public_url = true}).ok());
  const auto no_url = ParseShimPolicy(http, {.allow_http_issuers = true, .knows_public_url = false});
  EXPECT_THAT(std::string(no_url.status().message()), HasSubstr("--public_url"));
  EXPECT_TRUE(ParseShimPolicy("", {.allow_http_issuers = true, .knows_public_url = false}).ok());
}

TEST(ShimPolicyTest, EveryFaultGetsALine) {
  const auto policy = ParseShimPolicy("oauth_issuers {} rate_limits { per_viewer: 0 per_address: 0 }", kRules);
  EXPECT_EQ(std::count(policy.status().message().begin(), policy.status().message().end(), '\n'), 2);
}

TEST(ShimPolicyTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadShimPolicy("/nonexistent/policy.textproto", kRules).status()));
}

}  // namespace
}  // namespace tokens::xrpc
