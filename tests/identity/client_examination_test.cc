#include "token_service/identity/client_examination.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/test_signer.h"
#include "token_service/identity/client_rule.h"

namespace tokens {
namespace {

using Code = absl::StatusCode;
using nlohmann::json;
using Strings = std::vector<std::string>;

constexpr char kId[] = "https://app.example.com/client.json";
constexpr char kKeysUrl[] = "https://keys.example.com/jwks";

class ClientExaminationTest : public ::testing::Test {
 protected:
  ClientExamination Examine(const std::string& client_id = kId) {
    return ExamineClient(client_id, [this](const std::string& url) {
      fetched_.push_back(url);
      return url == kKeysUrl ? keys_ : document_;
    });
  }
  static absl::StatusOr<HttpReply> Reply(const json& body) {
    return HttpReply{200, "application/json; charset=utf-8", body.dump()};
  }
  static Strings NamesOf(const ClientExamination& examination) {
    Strings names;
    for (const ClientStep& step : examination.steps) names.emplace_back(step.name);
    return names;
  }
  static json Document() {
    return {{"client_id", kId},
            {"scope", "atproto"},
            {"redirect_uris", {"https://app.example.com/cb"}},
            {"token_endpoint_auth_method", "private_key_jwt"},
            {"token_endpoint_auth_signing_alg", "ES256"},
            {"jwks_uri", kKeysUrl},
            {"dpop_bound_access_tokens", true}};
  }
  static json Keys() { return {{"keys", {testing::TestSigner::Generate(KeyCurve::kP256).Jwk()}}}; }

  absl::StatusOr<HttpReply> document_ = Reply(Document());
  absl::StatusOr<HttpReply> keys_ = Reply(Keys());
  Strings fetched_;
};

TEST_F(ClientExaminationTest, GoesThroughEveryStep) {
  const ClientExamination examination = Examine();
  ASSERT_TRUE(examination.client.ok()) << examination.client.status();
  EXPECT_EQ(examination.client->type, ClientType::kConfidential);
  EXPECT_EQ(NamesOf(examination),
            (Strings{"client_id", "fetch_document", "check_document", "fetch_keys", "check_keys"}));
  for (const ClientStep& step : examination.steps) EXPECT_TRUE(step.outcome.ok()) << step.name;
  EXPECT_EQ(fetched_, (Strings{kId, kKeysUrl}));
}

TEST_F(ClientExaminationTest, FetchesNothingForABadIdOrALoopbackClient) {
  EXPECT_EQ(RejectingRule(Examine("https://app.example.com").client.status()), "client_id_path");
  const ClientExamination examination = Examine("http://localhost");
  ASSERT_TRUE(examination.client.ok());
  EXPECT_EQ(examination.client->type, ClientType::kLoopback);
  EXPECT_EQ(NamesOf(examination), Strings{"client_id"});
  EXPECT_EQ(RejectingRule(Examine("http://localhost:80").client.status()), "loopback_form");
  EXPECT_EQ(fetched_, Strings());
}

TEST_F(ClientExaminationTest, ABrokenRuleEndsIt) {
  json document = Document();
  document["dpop_bound_access_tokens"] = false;
  document_ = Reply(document);
  const ClientExamination examination = Examine();
  EXPECT_EQ(NamesOf(examination), (Strings{"client_id", "fetch_document", "check_document"}));
  EXPECT_EQ(examination.steps.back().outcome, examination.client.status());
  EXPECT_EQ(RejectingRule(examination.client.status()), "dpop_bound_access_tokens");
}

TEST_F(ClientExaminationTest, LinkedKeysAreHeldToTheRulesOfInlineOnes) {
  keys_ = Reply({{"keys", json::array()}});
  EXPECT_EQ(RejectingRule(Examine().client.status()), "jwks");
  keys_ = HttpReply{200, "application/json", "not JSON"};
  EXPECT_EQ(RejectingRule(Examine().client.status()), "keys_json");
}

TEST_F(ClientExaminationTest, TellsWhatTheClientDidWrongFromAnOutage) {
  const std::string body = Document().dump();
  const struct {
    const char* what;
    absl::StatusOr<HttpReply> reply;
    const char* rule;  // Without its first word; empty for an outage,
    Code outage;       // which is this.
  } kRows[] = {
      {"another 2xx", HttpReply{201, "application/json", body}, "_status", {}},
      {"not found", HttpReply{404, "application/json", body}, "_status", {}},
      {"not modified", HttpReply{304, "application/json", body}, "_status", {}},
      {"text", HttpReply{200, "text/plain", body}, "_content_type", {}},
      {"another JSON", HttpReply{200, "application/ld+json", body}, "_content_type", {}},
      {"no type", HttpReply{200, "", body}, "_content_type", {}},
      {"no such host", absl::NotFoundError("x"), "_host", {}},
      {"private address", absl::PermissionDeniedError("x"), "_host", {}},
      {"not a URL to fetch", absl::InvalidArgumentError("x"), "_host", {}},
      {"server error", HttpReply{500, "application/json", body}, "", Code::kUnavailable},
      {"overload", HttpReply{429, "application/json", body}, "", Code::kUnavailable},
      {"server timeout", HttpReply{408, "application/json", body}, "", Code::kUnavailable},
      {"network", absl::UnavailableError("x"), "", Code::kUnavailable},
      {"fault of ours", absl::InternalError("x"), "", Code::kUnavailable},
      {"slow", absl::DeadlineExceededError("x"), "", Code::kDeadlineExceeded},
  };
  for (const auto& row : kRows) {
    const std::string rule = row.rule;
    document_ = row.reply;
    const absl::Status document = Examine().client.status();
    document_ = Reply(Document());
    keys_ = row.reply;
    const absl::Status keys = Examine().client.status();
    keys_ = Reply(Keys());
    EXPECT_EQ(RejectingRule(document), rule.empty() ? "" : "document" + rule) << row.what;
    EXPECT_EQ(RejectingRule(keys), rule.empty() ? "" : "keys" + rule) << row.what;
    for (const absl::Status& status : {document, keys}) {
      EXPECT_EQ(status.code(), rule.empty() ? row.outage : Code::kFailedPrecondition) << row.what;
    }
  }
}

}  // namespace
}  // namespace tokens
