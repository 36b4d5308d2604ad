// The whole way from a handle to the issuer, by the real means: DNS over UDP, HTTPS over TLS.
#include "token_service/identity/account_discovery.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/server_metadata_fixture.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_authority.h"
#include "tests/support/test_dns_server.h"
#include "tests/support/test_signer.h"
#include "tests/support/test_web_server.h"

namespace tokens {
namespace {

constexpr char kHandle[] = "alice.test";  // As MakeDidDocument has it.
constexpr char kDid[] = "did:plc:7iza6de2dwap2sbkpav7c6c6";
constexpr char kPds[] = "https://pds.example.com";

// One host that is everything but the name server.
class AccountDiscoveryTest : public ::testing::Test {
 protected:
  std::unique_ptr<AccountDiscovery> NewDiscovery() {
    AccountDiscoveryOptions options;
    options.dids.plc_url = "https://pds.example.com/plc";
    options.dids.ca_file = folder_.Write("ca.pem", authority_.CertificatePem());
    options.dids.allow_insecure = true;
    options.dids.connect_to = {absl::StrCat("pds.example.com:443:127.0.0.1:", web_.port())};
    options.dns_servers = dns_.address();
    auto discovery = AccountDiscovery::Create(
        options,
        [](const std::string&) {
          return ResolverAnswer{EAI_NONAME, {}};
        },
        clock_);
    EXPECT_TRUE(discovery.ok()) << discovery.status();
    return *std::move(discovery);
  }
  std::string Page(const std::string& request) const {
    const size_t start = request.find(' ') + 1;
    const auto page = pages_.find(request.substr(start, request.find(' ', start) - start));
    return page == pages_.end() ? testing::TestResponse(404, "{}") : testing::TestResponse(200, page->second.dump());
  }

  const testing::TestSigner signer_ = testing::TestSigner::Generate(KeyCurve::kK256);
  const testing::TestAuthority authority_;
  const testing::TempDirectory folder_;
  testing::FakeClock clock_;
  testing::TestDnsServer dns_;
  const std::map<std::string, nlohmann::json> pages_ = {
      {absl::StrCat("/plc/", kDid), testing::MakeDidDocument(kDid, signer_)},
      {"/.well-known/oauth-protected-resource", testing::ResourceMetadata(kPds, kPds)},
      {"/.well-known/oauth-authorization-server", testing::ServerMetadata(kPds)},
  };
  const testing::TestWebServer web_{
      authority_.Issue("pds.example.com", absl::Now() + absl::Hours(1)),
      [this](const std::string& request, testing::TestConnection& connection) { connection.Write(Page(request)); }};
};

TEST_F(AccountDiscoveryTest, GoesFromAHandleToItsIssuer) {
  dns_.Set(absl::StrCat("_atproto.", kHandle), {.records = {{absl::StrCat("did=", kDid)}}});
  const auto discovery = NewDiscovery();
  for (const char* who : {kHandle, kDid}) {
    const Discovery found = discovery->Discover(who);
    EXPECT_EQ(found.did, kDid);
    EXPECT_EQ(found.handle, kHandle);
    EXPECT_EQ(found.pds, kPds);
    EXPECT_EQ(found.issuer, kPds);
    for (const DiscoveryStep& step : found.steps) {
      EXPECT_TRUE(step.outcome == DiscoveryStep::Outcome::kOk || step.name == "handle_https")
          << step.name << ": " << step.detail;
    }
  }
  EXPECT_EQ(web_.connections(), 3);  // the rest was kept
}

TEST_F(AccountDiscoveryTest, AStrangersNameEndsAtTheFirstStep) {
  const Discovery found = NewDiscovery()->Discover("bob.test");
  EXPECT_EQ(found.did, "");
  EXPECT_EQ(web_.connections(), 0);
}

}  // namespace
}  // namespace tokens
