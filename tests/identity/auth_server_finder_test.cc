#include "token_service/identity/auth_server_finder.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"
#include "tests/support/server_metadata_fixture.h"

namespace tokens {
namespace {

using Code = absl::StatusCode;
using nlohmann::json;

constexpr char kPds[] = "https://pds.example.com";
constexpr char kIssuer[] = "https://auth.example.com";
constexpr char kResourceUrl[] = "https://pds.example.com/.well-known/oauth-protected-resource";
constexpr char kServerUrl[] = "https://auth.example.com/.well-known/oauth-authorization-server";
constexpr char kPdsServerUrl[] = "https://pds.example.com/.well-known/oauth-authorization-server";

HttpReply Reply(const json& body) { return {200, "application/json", body.dump()}; }

// "OK", or the code and the id of the first rule that is broken.
std::string Told(const absl::Status& status) {
  if (status.ok()) return "OK";
  const std::string text(status.message());
  return absl::StrCat(absl::StatusCodeToString(status.code()), " ", text.substr(0, text.find(':')));
}

class AuthServerFinderTest : public ::testing::Test {
 protected:
  AuthServer Find() { return finder_.Find(kPds); }

  testing::FakeClock clock_;
  std::map<std::string, absl::StatusOr<HttpReply>> web_ = {
      {kResourceUrl, Reply(testing::ResourceMetadata(kPds, kIssuer))},
      {kServerUrl, Reply(testing::ServerMetadata(kIssuer))},
      {kPdsServerUrl, Reply(testing::ServerMetadata(kPds))},
  };
  std::map<std::string, int> asked_;
  AuthServerFinder finder_{[this](const std::string& url, const std::string& accept) {
                             EXPECT_EQ(accept, "application/json");
                             ++asked_[url];
                             return web_.at(url);
                           },
                           clock_, AuthServerFinderOptions()};
};

TEST_F(AuthServerFinderTest, ThePdsNamesItsAuthorizationServer) {
  const AuthServer found = Find();
  EXPECT_TRUE(found.resource.ok()) << found.resource;
  EXPECT_TRUE(found.server.ok()) << found.server;
  EXPECT_EQ(found.issuer, kIssuer);
  EXPECT_FALSE(found.pds_itself);
}

TEST_F(AuthServerFinderTest, APdsWithoutMetadataIsItsOwnAuthorizationServer) {
  web_[kResourceUrl] = HttpReply{404, "text/html", ""};
  const AuthServer found = Find();
  EXPECT_TRUE(found.resource.ok());
  EXPECT_TRUE(found.server.ok()) << found.server;
  EXPECT_EQ(found.issuer, kPds);
  EXPECT_TRUE(found.pds_itself);
}

TEST_F(AuthServerFinderTest, EachFailureIsTold) {
  const json resource = testing::ResourceMetadata("https://other.example.com", kIssuer);
  const struct {
    absl::StatusOr<HttpReply> reply;
    const char* as_resource;
    const char* as_server;
  } cases[] = {
      {Reply(resource), "FAILED_PRECONDITION resource_is_pds", "FAILED_PRECONDITION issuer_is_origin"},
      {HttpReply{500, "application/json", "{}"}, "UNAVAILABLE http_status", "UNAVAILABLE http_status"},
      {HttpReply{410, "application/json", "{}"}, "UNAVAILABLE http_status", "UNAVAILABLE http_status"},
      {HttpReply{200, "text/html", "{}"}, "UNAVAILABLE content_type", "UNAVAILABLE content_type"},
      {HttpReply{200, "application/json", "x"}, "UNAVAILABLE json_object", "UNAVAILABLE json_object"},
      {absl::NotFoundError("x"), "UNAVAILABLE unreachable", "UNAVAILABLE unreachable"},
      {absl::UnavailableError("x"), "UNAVAILABLE unreachable", "UNAVAILABLE unreachable"},
      {absl::InvalidArgumentError("x"), "UNAVAILABLE unreachable", "UNAVAILABLE unreachable"},
      {absl::DeadlineExceededError("x"), "DEADLINE_EXCEEDED slow", "DEADLINE_EXCEEDED slow"},
      {absl::PermissionDeniedError("x"), "FAILED_PRECONDITION forbidden_address",
       "FAILED_PRECONDITION forbidden_address"},
  };
  for (const auto& row : cases) {
    const auto good_resource = web_[kResourceUrl];
    web_[kResourceUrl] = row.reply;
    AuthServer found = Find();
    EXPECT_EQ(Told(found.resource), row.as_resource);
    EXPECT_EQ(found.server.code(), Code::kCancelled) << row.as_resource;
    EXPECT_EQ(found.issuer, "") << row.as_resource;
    web_[kResourceUrl] = good_resource;
    web_[kServerUrl] = row.reply;
    clock_.Advance(absl::Minutes(1));
    found = Find();
    EXPECT_TRUE(found.resource.ok()) << row.as_server;
    EXPECT_EQ(Told(found.server), row.as_server);
    clock_.Advance(absl::Minutes(1));
  }
  web_[kServerUrl] = HttpReply{404, "application/json", "{}"};
  EXPECT_EQ(Told(Find().server), "UNAVAILABLE http_status");
}

TEST_F(AuthServerFinderTest, AnswersAreKeptForAMinuteAndOutagesAreNot) {
  const struct {
    const char* url;
    absl::StatusOr<HttpReply> reply;
    bool kept;
  } cases[] = {
      {kServerUrl, web_.at(kServerUrl), true},
      {kServerUrl, Reply(json::object()), true},
      {kResourceUrl, Reply(json::object()), true},
      {kServerUrl, absl::UnavailableError("x"), false},
      {kServerUrl, absl::DeadlineExceededError("x"), false},
      {kResourceUrl, absl::UnavailableError("x"), false},
      {kResourceUrl, HttpReply{503, "", ""}, false},
  };
  for (const auto& row : cases) {
    const auto before = web_;
    web_[row.url] = row.reply;
    Find();
    asked_.clear();
    clock_.Advance(absl::Minutes(1) - absl::Microseconds(1));
    Find();
    EXPECT_EQ(asked_[kResourceUrl], row.kept ? 0 : 1);
    clock_.Advance(absl::Minutes(1));
    asked_.clear();
    Find();
    EXPECT_EQ(asked_[kResourceUrl], 1);
    web_ = before;
    clock_.Advance(absl::Minutes(1));
  }
}

}  // namespace
}  // namespace tokens
