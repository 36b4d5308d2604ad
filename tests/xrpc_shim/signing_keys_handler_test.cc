#include "xrpc_shim/signing_keys_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_session_service.h"
#include "token_service/base/status_details.h"

namespace tokens::xrpc {
namespace {

using testing::ScriptedSessionService;

class SigningKeysHandlerTest : public ::testing::Test {
 protected:
  void Answer(const std::string& key_set) {
    ScriptedSessionService::Script script;
    script.keys.set_jwk_set_json(key_set);
    service_.Answer(script);
  }
  void Fail(const absl::Status& status) {
    ScriptedSessionService::Script script;
    script.status = status;
    service_.Answer(script);
  }
  HttpResponse Ask() {
    HttpRequest request;
    request.method = "GET";
    request.request_id = "request-1";
    request.deadline = absl::Now() + absl::Seconds(20);
    return handler_.Handle(request);
  }

  testing::FakeClock clock_;
  ScriptedSessionService service_;
  const std::unique_ptr<TokenClient> client_ = service_.Connect();
  SigningKeysHandler handler_{*client_, clock_};
};

TEST_F(SigningKeysHandlerTest, GivesTheKeySetToEveryoneForAMinute) {
  Answer(R"({"keys":[1]})");
  const HttpResponse response = Ask();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"keys":[1]})");
  EXPECT_EQ(response.content_type, "application/json; charset=utf-8");
  EXPECT_THAT(response.headers, ::testing::Contains(::testing::Pair("Cache-Control", "public, max-age=60")));
}

TEST_F(SigningKeysHandlerTest, AsksAgainWhenTheSetIsAMinuteOldAndNotBefore) {
  Answer("first");
  Ask();
  Answer("second");
  clock_.Advance(absl::Minutes(1) - absl::Microseconds(1));
  EXPECT_EQ(Ask().body, "first");
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Ask().body, "second");
  EXPECT_EQ(service_.seen().calls, 2);
}

TEST_F(SigningKeysHandlerTest, AClockSetBackKeepsNoOldSetAlive) {
  Answer("first");
  Ask();
  Answer("second");
  clock_.Advance(-absl::Hours(1));
  EXPECT_EQ(Ask().body, "second");
}

TEST_F(SigningKeysHandlerTest, AnOutageIsAnOutageOnceTheSetIsOld) {
  Answer("first");
  Ask();
  service_.Stop();
  EXPECT_EQ(Ask().body, "first");
  clock_.Advance(absl::Minutes(1));
  const HttpResponse response = Ask();
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.log_error, "UpstreamFailure");
  EXPECT_THAT(response.headers, ::testing::Contains(::testing::Pair("Cache-Control", "no-store")));
}

TEST_F(SigningKeysHandlerTest, EachFailureHasItsStatus) {
  const struct {
    absl::Status status;
    int http_status;
  } cases[] = {
      {absl::UnavailableError("x"), 502},
      {absl::DeadlineExceededError("x"), 504},
      {absl::ResourceExhaustedError("x"), 503},
      {absl::PermissionDeniedError("x"), 500},
      {absl::UnimplementedError("x"), 404},
      {WithReason(absl::FailedPreconditionError("x"), {"SESSIONS_OFF", {}}), 404},
  };
  for (const auto& row : cases) {
    Fail(row.status);
    EXPECT_EQ(Ask().status, row.http_status) << row.status;
  }
}

}  // namespace
}  // namespace tokens::xrpc
