#include "xrpc_shim/oauth_scope.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/interop_vectors.h"

namespace tokens::xrpc {
namespace {

using testing::HaveInteropFile;
using testing::InteropJson;
using testing::InteropLines;

constexpr char kMint[] = "app.didpic.identity.mintWidgetToken";
const std::vector<std::string> kUs = {"did:web:api.example.com", "did:web:api.example.com#didpic"};

std::vector<RpcPermission> NoSets(const IncludedSet&) { return {}; }

TEST(OauthScope, AScopeAllowsTheMethodOrNot) {
  const struct {
    const char* what;
    std::string scope;
    bool allowed;
  } cases[] = {
      {"nothing", "", false},
      {"atproto alone", "atproto", false},
      {"all of the transition", "atproto transition:generic", true},
      {"the order does not matter", "transition:generic atproto", true},
      {"no atproto", "transition:generic", false},
      {"no atproto with a permission", "rpc:app.didpic.identity.mintWidgetToken?aud=*", false},
      {"atproto in another letter case", "ATPROTO transition:generic", false},
      {"the method for any service", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=*", true},
      {"the method for us", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=did:web:api.example.com%23didpic",
       true},
      {"the method for us, raw", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=did:web:api.example.com#didpic",
       true},
      {"any method for us", "atproto rpc:*?aud=did:web:api.example.com%23didpic", true},
      {"named parameters", "atproto rpc?aud=*&lxm=com.example.x&lxm=app.didpic.identity.mintWidgetToken", true},
      {"for another service", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=did:web:other.example.com%23didpic",
       false},
      {"for another service id", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=did:web:api.example.com%23chat",
       false},
      {"for the DID without a service", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=did:web:api.example.com",
       false},
      {"another method", "atproto rpc:app.didpic.feed.getTimeline?aud=*", false},
      {"the method in another letter case", "atproto rpc:app.didpic.identity.mintwidgettoken?aud=*", false},
      {"any method for any service", "atproto rpc:*?aud=*", false},
      {"a partial wildcard", "atproto rpc:app.didpic.*?aud=*", false},
      {"an unknown parameter", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=*&other=1", false},
      {"two audiences", "atproto rpc:app.didpic.identity.mintWidgetToken?aud=*&aud=*", false},
      {"a bad permission beside a good one", "atproto rpc:*?aud=* rpc:app.didpic.identity.mintWidgetToken?aud=*", true},
      {"other resources", "atproto repo:* blob:*/* account:email transition:email transition:chat.bsky", false},
      {"a set that is not known", "atproto include:app.didpic.authBasic", false},
  };
  for (const auto& row : cases) EXPECT_EQ(ScopeAllows(row.scope, kMint, kUs, NoSets), row.allowed) << row.what;
}

TEST(OauthScope, TheTransitionCoversAllButChat) {
  EXPECT_TRUE(ScopeAllows("atproto transition:generic", "chat.example.send", kUs, NoSets));
  EXPECT_FALSE(ScopeAllows("atproto transition:generic", "chat.bsky.convo.getLog", kUs, NoSets));
}

TEST(OauthScope, AnIncludeGrantsWhatItsSetGrants) {
  std::vector<std::string> asked;
  const auto resolve = [&asked](const IncludedSet& set) {
    asked.push_back(set.nsid + "|" + set.aud);
    return std::vector<RpcPermission>{{{kMint}, "did:web:api.example.com#didpic"}};
  };
  EXPECT_TRUE(
      ScopeAllows("atproto include:app.didpic.authBasic?aud=did:web:api.example.com%23didpic", kMint, kUs, resolve));
  EXPECT_EQ(asked, std::vector<std::string>{"app.didpic.authBasic|did:web:api.example.com#didpic"});
  EXPECT_FALSE(ScopeAllows("atproto include:app.didpic.authBasic", "app.didpic.feed.getTimeline", kUs, resolve));
}

TEST(OauthScope, OnlySixteenIncludesAreLookedAt) {
  int asked = 0;
  std::string scope = "atproto";
  for (int i = 0; i < 40; ++i) scope += " include:app.didpic.authBasic";
  EXPECT_FALSE(ScopeAllows(scope, kMint, kUs, [&asked](const IncludedSet&) {
    ++asked;
    return std::vector<RpcPermission>();
  }));
  EXPECT_EQ(asked, 16);
}

TEST(OauthScope, BadEscapesAndCharactersAreNoScope) {
  for (const char* text :
       {"rpc:a%", "rpc:a%2", "rpc:a%zz", "rpc:a?aud=%", "rpc:a\"b", "rpc:a\\b", "rpc:a\tb", ":a", "?a=b"}) {
    EXPECT_FALSE(ParseScopeSyntax(text).has_value()) << text;
  }
}

#define SKIP_WITHOUT_SCOPE_VECTORS()                                                                   \
  SKIP_WITHOUT_INTEROP_VECTORS();                                                                      \
  if (!HaveInteropFile("extra-indigo/auth/permission_scopes_valid.txt")) {                             \
    GTEST_SKIP() << "the scope vectors of github.com/bluesky-social/indigo are not beside the others"; \
  }

TEST(OauthScopeInterop, TheGenericGrammar) {
  SKIP_WITHOUT_SCOPE_VECTORS();
  for (const nlohmann::json& row : InteropJson("extra-indigo/auth/generic_scopes_valid.json")) {
    const std::string scope = row.at("scope");
    const auto syntax = ParseScopeSyntax(scope);
    ASSERT_TRUE(syntax.has_value()) << scope;
    const nlohmann::json& wanted = row.at("generic");
    EXPECT_EQ(syntax->resource, wanted.at("resource")) << scope;
    EXPECT_EQ(syntax->positional, wanted.at("positional")) << scope;
    nlohmann::json params = nlohmann::json::object();
    for (const auto& [name, value] : syntax->params) params[name].push_back(value);
    EXPECT_EQ(params, wanted.at("params")) << scope;
  }
  for (const std::string& line : InteropLines("extra-indigo/auth/generic_scopes_invalid.txt")) {
    EXPECT_FALSE(ParseScopeSyntax(line).has_value()) << line;
  }
}

TEST(OauthScopeInterop, PermissionsToCallMethods) {
  SKIP_WITHOUT_SCOPE_VECTORS();
  int rpc = 0;
  int include = 0;
  for (const std::string& line : InteropLines("extra-indigo/auth/permission_scopes_valid.txt")) {
    const std::string resource = line.substr(0, line.find_first_of(":?"));
    EXPECT_EQ(ParseRpcPermission(line).has_value(), resource == "rpc") << line;
    EXPECT_EQ(ParseIncludedSet(line).has_value(), resource == "include") << line;
    rpc += resource == "rpc" ? 1 : 0;
    include += resource == "include" ? 1 : 0;
  }
  EXPECT_GE(rpc, 8);
  EXPECT_GE(include, 6);
  for (const std::string& line : InteropLines("extra-indigo/auth/permission_scopes_invalid.txt")) {
    EXPECT_FALSE(ParseRpcPermission(line).has_value()) << line;
    EXPECT_FALSE(ParseIncludedSet(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace tokens::xrpc
