#include "token_service/identity/client_id.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "token_service/identity/client_rule.h"

namespace tokens {
namespace {

TEST(DiscoverableClientId, TakesTheUrlOfADocument) {
  for (const char* id :
       {"https://app.example.com/oauth-client-metadata.json", "https://example.com/a", "https://example.com/a?b=c",
        "https://xn--bcher-kva.example.com/a/b.json", "https://a.testing/x", "https://localhost.example.com/x"}) {
    EXPECT_TRUE(CheckDiscoverableClientId(id).ok()) << id << " " << CheckDiscoverableClientId(id);
  }
}

TEST(DiscoverableClientId, EachRuleIsNamedByItself) {
  const struct {
    const char* id;
    const char* rule;
  } kRows[] = {
      {"", "client_id_url"},
      {"app.example.com/c.json", "client_id_url"},
      {"https://app.example.com/c d", "client_id_url"},
      {"http://app.example.com/c.json", "client_id_scheme"},
      {"HTTPS://app.example.com/c.json", "client_id_scheme"},
      {"https:/c.json", "client_id_scheme"},
      {"http://127.0.0.1/c.json", "client_id_scheme"},
      {"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "client_id_scheme"},
      {"https://user@app.example.com/c.json", "client_id_credentials"},
      {"https://@app.example.com/c.json", "client_id_credentials"},
      {"https://app.example.com:443/c.json", "client_id_port"},
      {"https://app.example.com:/c.json", "client_id_port"},
      {"https://app.example.com/c.json#a", "client_id_fragment"},
      {"https://app.example.com/c.json#", "client_id_fragment"},
      {"https://93.184.216.34/c.json", "client_id_host"},
      {"https://[2606:2800:220:1::1]/c.json", "client_id_host"},
      {"https://0x7f.1/c.json", "client_id_host"},
      {"https://app/c.json", "client_id_host"},
      {"https://localhost/c.json", "client_id_host"},
      {"https://app..com/c.json", "client_id_host"},
      {"https://app.example.com./c.json", "client_id_host"},
      {"https://a%70p.example.com/c.json", "client_id_host"},
      {"https://app.test/c.json", "client_id_local_host"},
      {"https://app.local/c.json", "client_id_local_host"},
      {"https://app.localhost/c.json", "client_id_local_host"},
      {"https://app.invalid/c.json", "client_id_local_host"},
      {"https://app.EXAMPLE/c.json", "client_id_local_host"},
      {"https://app.example.com", "client_id_path"},
      {"https://app.example.com/", "client_id_path"},
      {"https://app.example.com/folder/", "client_id_path"},
      {"https://app.example.com/a/../c.json", "client_id_canonical"},
      {"https://app.example.com/./c.json", "client_id_canonical"},
      {"https://app.example.com/%63.json", "client_id_canonical"},
  };
  for (const auto& row : kRows) {
    const absl::Status status = CheckDiscoverableClientId(row.id);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << row.id;
    EXPECT_EQ(RejectingRule(status), row.rule) << row.id;
  }
}

TEST(DiscoverableClientId, HoldsTwoThousandBytes) {
  const std::string prefix = "https://app.example.com/";
  const std::string longest = absl::StrCat(prefix, std::string(kMaxClientIdBytes - prefix.size(), 'a'));
  EXPECT_TRUE(CheckDiscoverableClientId(longest).ok());
  EXPECT_EQ(RejectingRule(CheckDiscoverableClientId(longest + "a")), "client_id_length");
}

TEST(ClientRejected, QuotesNothingOfTheClients) {
  EXPECT_EQ(std::string(CheckDiscoverableClientId("https://secret@a.com/c").message()).find("secret"),
            std::string::npos);
}

TEST(RejectingRule, IsEmptyForAnythingElse) {
  EXPECT_EQ(RejectingRule(absl::OkStatus()), "");
  EXPECT_EQ(RejectingRule(absl::UnavailableError("down")), "");
}

}  // namespace
}  // namespace tokens
