#include "token_service/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/policy_fixture.h"

namespace tokens {
namespace {

using ::testing::HasSubstr;
using testing::kAllowedMethod;
using testing::PolicyFixture;

std::string ProfileText(const std::string& fields) { return "profiles { " + fields + " }"; }

TEST(PolicyTest, AGoodFileIsReadWhole) {
  PolicyFixture fixture;
  const auto policy = Policy::Parse(testing::kPolicy, fixture.lexicons());
  ASSERT_TRUE(policy.ok()) << policy.status();
  const Profile* widget = policy->FindProfile("widget");
  ASSERT_NE(widget, nullptr);
  EXPECT_EQ(widget->prefix, "dpwt_");
  EXPECT_EQ(widget->lifetime, absl::Hours(1));
  EXPECT_EQ(widget->max_live_tokens_per_did, 3);
  EXPECT_EQ(widget->max_mints_per_did.count, 20);
  EXPECT_EQ(widget->max_mints_per_did.window, absl::Hours(1));
  EXPECT_TRUE(widget->allowed_methods.contains(kAllowedMethod));
  EXPECT_TRUE(policy->HasPrefix("dpwt_"));
  EXPECT_FALSE(policy->HasPrefix("other_"));
  EXPECT_EQ(policy->FindProfile("other"), nullptr);
}

TEST(PolicyTest, SessionsHaveDefaults) {
  PolicyFixture fixture;
  const auto policy = Policy::Parse(testing::kPolicy, fixture.lexicons());
  ASSERT_TRUE(policy.ok()) << policy.status();
  const SessionPolicy& sessions = policy->sessions();
  EXPECT_EQ(sessions.access_lifetime, absl::Minutes(15));
  EXPECT_EQ(sessions.public_refresh_lifetime, absl::Hours(14 * 24));
  EXPECT_EQ(sessions.confidential_refresh_lifetime, absl::Hours(90 * 24));
  EXPECT_EQ(sessions.max_lifetime, absl::Hours(365 * 24));
  EXPECT_EQ(sessions.max_live_sessions_per_did, 100);
  EXPECT_TRUE(sessions.allowed_methods.empty());
}

TEST(PolicyTest, SessionsAreReadWhole) {
  PolicyFixture fixture;
  const auto policy = Policy::Parse(std::string(testing::kPolicy) + R"(sessions {
    access_lifetime { seconds: 300 } public_refresh_lifetime { seconds: 3600 }
    confidential_refresh_lifetime { seconds: 7200 } max_lifetime { seconds: 7200 } max_live_sessions_per_did: 2
    allowed_methods: "app.example.feed.createPost"
  })",
                                    fixture.lexicons());
  ASSERT_TRUE(policy.ok()) << policy.status();
  const SessionPolicy& sessions = policy->sessions();
  EXPECT_EQ(sessions.access_lifetime, absl::Minutes(5));
  EXPECT_EQ(sessions.public_refresh_lifetime, absl::Hours(1));
  EXPECT_EQ(sessions.confidential_refresh_lifetime, absl::Hours(2));
  EXPECT_EQ(sessions.max_lifetime, absl::Hours(2));
  EXPECT_EQ(sessions.max_live_sessions_per_did, 2);
  EXPECT_TRUE(sessions.allowed_methods.contains("app.example.feed.createPost"));
}

TEST(PolicyTest, ABadSessionPolicyNamesTheField) {
  PolicyFixture fixture;
  struct Case {
    const char* fields;
    const char* fault;
  };
  for (const Case& each :
       {Case{"access_lifetime { seconds: 299 }", "sessions: access_lifetime: "},
        Case{"access_lifetime { seconds: 1801 }", "sessions: access_lifetime: "},
        Case{"access_lifetime { seconds: 300 nanos: 1 }", "sessions: access_lifetime: "},
        Case{"access_lifetime {}", "sessions: access_lifetime: "},
        Case{"public_refresh_lifetime { seconds: 3599 }", "sessions: public_refresh_lifetime: "},
        Case{"confidential_refresh_lifetime { seconds: 15552001 }", "sessions: confidential_refresh_lifetime: "},
        Case{"max_lifetime { seconds: 86400 }", "sessions: max_lifetime: not less"},
        Case{"max_lifetime { seconds: 9223372036854775807 }", "sessions: max_lifetime: "},
        Case{"max_live_sessions_per_did: -1", "sessions: max_live_sessions_per_did: "},
        Case{"max_live_sessions_per_did: 10001", "sessions: max_live_sessions_per_did: "},
        Case{R"(allowed_methods: "x")", "is not an NSID"},
        Case{R"(allowed_methods: "com.atproto.server.getSession")", "is a method of this service"},
        Case{R"(allowed_methods: "a.b.c" allowed_methods: "a.b.c")", "is there twice"}}) {
    const auto policy =
        Policy::Parse(std::string(testing::kPolicy) + "sessions { " + each.fields + " }", fixture.lexicons());
    ASSERT_FALSE(policy.ok()) << each.fields;
    EXPECT_THAT(std::string(policy.status().message()), HasSubstr(each.fault)) << each.fields;
  }
}

struct BadPolicy {
  const char* name;
  std::string text;
  const char* fault;
};

class BadPolicyTest : public ::testing::TestWithParam<BadPolicy> {};

TEST_P(BadPolicyTest, IsRefusedNamingTheFault) {
  PolicyFixture fixture;
  fixture.WriteLexicon("app.example.feed.createPost", "procedure");
  fixture.WriteLexicon("app.example.feed.post", "record");
  fixture.WriteLexiconText("app.example.feed.garbage", "{\"lexicon\":1");
  fixture.WriteLexiconText("app.example.feed.array", "[]");
  fixture.WriteLexiconText("app.example.feed.other",
                           R"({"lexicon":1,"id":"app.example.feed.another","defs":{"main":{"type":"query"}}})");
  fixture.WriteLexiconText("app.example.feed.newer",
                           R"({"lexicon":2,"id":"app.example.feed.newer","defs":{"main":{"type":"query"}}})");
  fixture.WriteLexiconText("app.example.feed.noMain", R"({"lexicon":1,"id":"app.example.feed.noMain","defs":[]})");
  fixture.WriteLexicon("com.atproto.server.getSession", "query");
  fixture.WriteLexicon("app.didpic.identity.listWidgetTokens", "query");
  const auto policy = Policy::Parse(GetParam().text, fixture.lexicons());
  EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(policy.status().message()), HasSubstr(GetParam().fault));
}

std::string WithMethod(const std::string& nsid) {
  return ProfileText(
      R"(name:"widget" prefix:"dpwt_" lifetime{seconds:60} max_live_tokens_per_did:1 allowed_methods:")" + nsid + "\"");
}
std::string With(const std::string& name, const std::string& prefix, const std::string& lifetime,
                 const std::string& max) {
  return ProfileText("name:\"" + name + "\" prefix:\"" + prefix + "\" lifetime{" + lifetime +
                     "} max_live_tokens_per_did:" + max);
}

std::string WithCaller(const std::string& fields) { return absl::StrCat(testing::kPolicy, "callers { ", fields, " }"); }

INSTANTIATE_TEST_SUITE_P(
    All, BadPolicyTest,
    ::testing::Values(
        BadPolicy{"Empty", "", "at least one"}, BadPolicy{"NotTextproto", "}{", "line 1"},
        BadPolicy{"UnknownField", "\nunknown: 1", "line 2"},
        BadPolicy{"Name", With("Widget", "dpwt_", "seconds:60", "1"), "name:"},
        BadPolicy{"Prefix", With("widget", "dpwt", "seconds:60", "1"), "prefix:"},
        BadPolicy{"LifetimeTooShort", With("widget", "dpwt_", "seconds:59", "1"), "lifetime:"},
        BadPolicy{"LifetimeTooLong", With("widget", "dpwt_", "seconds:316224001", "1"), "lifetime:"},
        BadPolicy{"LifetimeFraction", With("widget", "dpwt_", "seconds:60 nanos:1", "1"), "lifetime:"},
        BadPolicy{"NoCap", With("widget", "dpwt_", "seconds:60", "0"), "max_live_tokens_per_did:"},
        BadPolicy{"HugeCap", With("widget", "dpwt_", "seconds:60", "10001"), "max_live_tokens_per_did:"},
        BadPolicy{"NoMints", With("widget", "dpwt_", "seconds:60", "1 max_mints_per_did { window { seconds: 60 } }"),
                  "max_mints_per_did.count:"},
        BadPolicy{"HugeMints",
                  With("widget", "dpwt_", "seconds:60", "1 max_mints_per_did { count: 10001 window { seconds: 60 } }"),
                  "max_mints_per_did.count:"},
        BadPolicy{"NoMintWindow", With("widget", "dpwt_", "seconds:60", "1 max_mints_per_did { count: 1 }"),
                  "max_mints_per_did.window:"},
        BadPolicy{"MintWindowTooLong",
                  With("widget", "dpwt_", "seconds:60", "1 max_mints_per_did { count: 1 window { seconds: 86401 } }"),
                  "max_mints_per_did.window:"},
        BadPolicy{"NameTwice", With("widget", "dpwt_", "seconds:60", "1") + With("widget", "other_", "seconds:60", "1"),
                  "profile \"widget\" is there twice"},
        BadPolicy{"PrefixTwice", With("widget", "dpwt_", "seconds:60", "1") + With("other", "dpwt_", "seconds:60", "1"),
                  "prefix \"dpwt_\" is there twice"},
        BadPolicy{"NotAnNsid", WithMethod("../../etc/passwd"), "not an NSID"},
        BadPolicy{"NoLexicon", WithMethod("app.example.feed.missing"), "no lexicon"},
        BadPolicy{"Procedure", WithMethod("app.example.feed.createPost"), "not a query"},
        BadPolicy{"Record", WithMethod("app.example.feed.post"), "not a query"},
        BadPolicy{"LexiconNotJson", WithMethod("app.example.feed.garbage"), "not a JSON object"},
        BadPolicy{"LexiconNoObject", WithMethod("app.example.feed.array"), "not a JSON object"},
        BadPolicy{"LexiconOfAnother", WithMethod("app.example.feed.other"), "is not the lexicon"},
        BadPolicy{"LexiconOfNewerVersion", WithMethod("app.example.feed.newer"), "is not the lexicon"},
        BadPolicy{"LexiconWithoutMain", WithMethod("app.example.feed.noMain"), "not a query"},
        BadPolicy{"OwnSessionMethod", WithMethod("com.atproto.server.getSession"), "a method of this service"},
        BadPolicy{"OwnTokenMethod", WithMethod("app.didpic.identity.listWidgetTokens"), "a method of this service"},
        BadPolicy{"CallerRoleUnknown", WithCaller(R"(san: "a" roles: KING)"), "KING"},
        BadPolicy{"CallerRoleUnspecified", WithCaller(R"(san: "a" roles: ROLE_UNSPECIFIED)"), "roles: 0 is none"},
        BadPolicy{"CallerWithoutRole", WithCaller(R"(san: "a")"), "at least one"},
        BadPolicy{"CallerTwice", WithCaller(R"(san: "a" roles: ADMIN } callers { san: "a" roles: MINTER)"),
                  "caller \"a\": is there twice"},
        BadPolicy{"CallerWithoutName", WithCaller("roles: ADMIN"), "san:"},
        BadPolicy{"CallerWildcard", WithCaller(R"(san: "*.a" roles: ADMIN)"), "san:"},
        BadPolicy{"CallerInUpperCase", WithCaller(R"(san: "A.example" roles: ADMIN)"), "san:"},
        BadPolicy{"CallerTrailingDot", WithCaller(R"(san: "a.example." roles: ADMIN)"), "san:"},
        BadPolicy{"CallerOtherUri", WithCaller(R"(san: "https://a/b" roles: ADMIN)"), "san:"},
        BadPolicy{"CallerTrustDomainAlone", WithCaller(R"(san: "spiffe://a" roles: ADMIN)"), "san:"},
        BadPolicy{"CallerEmptySegment", WithCaller(R"(san: "spiffe://a//b" roles: ADMIN)"), "san:"},
        BadPolicy{"CallerTrailingSlash", WithCaller(R"(san: "spiffe://a/b/" roles: ADMIN)"), "san:"},
        BadPolicy{"CallerDots", WithCaller(R"(san: "spiffe://a/../b" roles: ADMIN)"), "san:"},
        BadPolicy{"CallerQuery", WithCaller(R"(san: "spiffe://a/b?c" roles: ADMIN)"), "san:"},
        BadPolicy{"OwnMethodInOtherCase", WithMethod("app.didpic.identity.MINTwidgettoken"),
                  "a method of this service"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(PolicyTest, NoProfileMayHaveTheNameOfSessions) {
  PolicyFixture fixture;
  const auto policy = Policy::Parse(
      ProfileText(R"(name: "session" prefix: "dpwt_" lifetime { seconds: 3600 } max_live_tokens_per_did: 3)"),
      fixture.lexicons());
  ASSERT_FALSE(policy.ok());
  EXPECT_THAT(std::string(policy.status().message()), HasSubstr("name: is that of sessions"));
}

TEST(PolicyTest, CallersAreReadWithTheirRoles) {
  PolicyFixture fixture;
  EXPECT_FALSE(fixture.file().Current()->HasCallers());
  const auto policy = Policy::Parse(WithCaller(R"(san: "spiffe://a.b/c/D_1" roles: [MINTER, REVOKER] }
                                                  callers { san: "app-1.example" roles: ADMIN)"),
                                    fixture.lexicons());
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_TRUE(policy->HasCallers());
  const auto* shim = policy->FindCaller("spiffe://a.b/c/D_1");
  ASSERT_NE(shim, nullptr);
  EXPECT_TRUE(shim->second.Has(CallerRole::kMinter));
  EXPECT_TRUE(shim->second.Has(CallerRole::kRevoker));
  EXPECT_FALSE(shim->second.Has(CallerRole::kAdmin));
  ASSERT_NE(policy->FindCaller("app-1.example"), nullptr);
  EXPECT_TRUE(policy->FindCaller("app-1.example")->second.Has(CallerRole::kAdmin));
  EXPECT_EQ(policy->FindCaller("spiffe://a.b/c"), nullptr);
}

TEST(PolicyTest, EveryFaultGetsALine) {
  PolicyFixture fixture;
  const auto policy = Policy::Parse(With("Widget", "dpwt", "seconds:1", "0"), fixture.lexicons());
  EXPECT_EQ(std::count(policy.status().message().begin(), policy.status().message().end(), '\n'), 3);
}

TEST(PolicyFileTest, ReloadReachesReadersAndABadFileChangesNothing) {
  PolicyFixture fixture;
  const auto before = fixture.file().Current();
  fixture.WriteLexicon("app.example.feed.getMore", "query");
  fixture.WritePolicy(WithMethod("app.example.feed.getMore"));
  const auto record = [](const absl::Status&) { return absl::OkStatus(); };
  ASSERT_TRUE(fixture.file().Reload(record).ok());
  const auto after = fixture.file().Current();
  EXPECT_TRUE(after->FindProfile("widget")->allowed_methods.contains("app.example.feed.getMore"));
  EXPECT_FALSE(before->FindProfile("widget")->allowed_methods.contains("app.example.feed.getMore"));
  fixture.WritePolicy("profiles {");
  EXPECT_EQ(fixture.file().Reload(record).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(fixture.file().Current(), after);
}

TEST(PolicyFileTest, ReloadIsRecordedWithItsOutcomeAndNothingIsAdoptedThatIsNot) {
  PolicyFixture fixture;
  const auto before = fixture.file().Current();
  std::vector<absl::StatusCode> recorded;
  const auto fail = [&](const absl::Status& judged) {
    recorded.push_back(judged.code());
    return absl::UnavailableError("no audit");
  };
  EXPECT_EQ(fixture.file().Reload(fail).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(fixture.file().Current(), before);
  fixture.WritePolicy("profiles {");
  EXPECT_EQ(fixture.file().Reload(fail).code(), absl::StatusCode::kInvalidArgument)
      << "the fault to be put right first";
  EXPECT_EQ(recorded, (std::vector{absl::StatusCode::kOk, absl::StatusCode::kInvalidArgument}));
}

TEST(PolicyFileTest, WhereCallersAreRequiredAPolicyWithoutThemIsRefused) {
  PolicyFixture fixture;
  const auto open = [&] { return PolicyFile::Open(fixture.policy_path(), fixture.lexicons(), CallerRule::kRequired); };
  EXPECT_THAT(std::string(open().status().message()), HasSubstr("callers:"));
  fixture.WritePolicy(WithCaller(R"(san: "a" roles: ADMIN)"));
  const auto file = open();
  ASSERT_TRUE(file.ok()) << file.status();
  fixture.WritePolicy(testing::kPolicy);
  EXPECT_EQ((*file)->Reload([](const absl::Status&) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE((*file)->Current()->HasCallers());
}

TEST(PolicyFileTest, AMissingFileIsRefused) {
  PolicyFixture fixture;
  EXPECT_EQ(PolicyFile::Open("/nonexistent/policy.textproto", fixture.lexicons()).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tokens
