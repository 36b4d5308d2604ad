#include "token_service/identity/loopback_client.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "token_service/identity/client_id.h"
#include "token_service/identity/client_rule.h"

namespace tokens {
namespace {

using Strings = std::vector<std::string>;

TEST(LoopbackClient, HasDefaultsForWhatItsIdDoesNotSay) {
  for (const char* id : {"http://localhost", "http://localhost/", "http://localhost?", "http://localhost/?"}) {
    ASSERT_TRUE(IsLoopbackClientId(id));
    const auto client = DescribeLoopbackClient(id);
    ASSERT_TRUE(client.ok()) << id << " " << client.status();
    EXPECT_EQ(client->client_id, id);
    EXPECT_EQ(client->type, ClientType::kLoopback);
    EXPECT_EQ(client->application_type, ApplicationType::kNative);
    EXPECT_EQ(client->redirect_uris, (Strings{"http://127.0.0.1/", "http://[::1]/"}));
    EXPECT_EQ(client->scope, "atproto");
    EXPECT_EQ(client->name, "");
  }
}

TEST(LoopbackClient, TakesRedirectUrisAndScopeFromItsId) {
  const auto client = DescribeLoopbackClient(
      "http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fcb&scope=atproto+transition:generic"
      "&redirect_uri=http%3A%2F%2F%5B%3A%3A1%5D%2Fcb");
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->redirect_uris, (Strings{"http://127.0.0.1:8080/cb", "http://[::1]/cb"}));
  EXPECT_EQ(client->scope, "atproto transition:generic");
}

TEST(LoopbackClient, EachRuleIsNamedByItself) {
  const struct {
    std::string id;
    const char* rule;
  } kRows[] = {
      {"http://localhost:8080", "loopback_form"},
      {"http://localhost/client.json", "loopback_form"},
      {"http://localhost//", "loopback_form"},
      {"http://localhost#a", "loopback_form"},
      {"http://localhost.example.com/", "loopback_form"},
      {"http://localhost?scope=atproto#a", "loopback_query"},
      {"http://localhost?scope=%zz", "loopback_query"},
      {"http://localhost?redirect_uri=http://localhost/cb", "loopback_redirect_uri"},
      {"http://localhost?redirect_uri=https://127.0.0.1/cb", "loopback_redirect_uri"},
      {"http://localhost?redirect_uri=http://u@127.0.0.1/cb", "loopback_redirect_uri"},
      {"http://localhost?redirect_uri=http://app.example.com/cb", "loopback_redirect_uri"},
      {"http://localhost?redirect_uri=", "loopback_redirect_uri"},
      {"http://localhost?scope=atproto&scope=atproto", "loopback_scope_twice"},
      {"http://localhost?scope=", "scope"},
      {"http://localhost?scope=transition:generic", "scope_atproto"},
      {"http://localhost?scope=atproto+atproto", "scope_duplicate"},
      {"http://localhost?client_name=a", "loopback_parameter"},
      {"http://localhost?" + std::string(kMaxClientIdBytes, 'a'), "client_id_length"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(RejectingRule(DescribeLoopbackClient(row.id).status()), row.rule) << row.id;
  }
}

}  // namespace
}  // namespace tokens
