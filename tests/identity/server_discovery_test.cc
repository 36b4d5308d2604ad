#include "token_service/identity/server_discovery.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/support/fake_clock.h"
#include "tests/support/server_metadata_fixture.h"
#include "tests/support/test_signer.h"
#include "token_service/identity/handle.h"

namespace tokens {
namespace {

using nlohmann::json;

constexpr char kAlice[] = "did:plc:7iza6de2dwap2sbkpav7c6c6";
constexpr char kOther[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kHandle[] = "alice.example.com";
constexpr char kPds[] = "https://pds.example.com";
constexpr char kIssuer[] = "https://auth.example.com";
constexpr char kResourceUrl[] = "https://pds.example.com/.well-known/oauth-protected-resource";
constexpr char kServerUrl[] = "https://auth.example.com/.well-known/oauth-authorization-server";

// The steps, each as "+" (OK), "-" (skipped) or the rule that is broken; "?" in front where it could not be told.
std::string Steps(const Discovery& found) {
  return absl::StrJoin(found.steps, " ", [](std::string* out, const DiscoveryStep& step) {
    switch (step.outcome) {
      case DiscoveryStep::Outcome::kOk: absl::StrAppend(out, "+"); break;
      case DiscoveryStep::Outcome::kSkipped: absl::StrAppend(out, "-"); break;
      case DiscoveryStep::Outcome::kUnreachable: absl::StrAppend(out, "?"); [[fallthrough]];
      case DiscoveryStep::Outcome::kFailed: absl::StrAppend(out, step.detail.substr(0, step.detail.find(':'))); break;
    }
  });
}

class ServerDiscoveryTest : public ::testing::Test {
 protected:
  static HttpReply Reply(const json& body) { return {200, "application/json", body.dump()}; }
  static HandleAnswer NoSuchHandle() {
    const absl::Status none = absl::NotFoundError("https_no_host: x");
    return {absl::NotFoundError("dns_no_record: x"), none, none};
  }
  static HandleAnswer ByDns(const std::string& did) { return {did, absl::CancelledError("settled"), did}; }
  static HandleAnswer ByHttps(const std::string& did) { return {absl::NotFoundError("dns_no_record: x"), did, did}; }

  DidDocument Document() const { return {kAlice, *SigningKey::FromDidKey(signer_.DidKey()), {kHandle}, kPds}; }
  ResolveDid Resolve() {
    return [this](const std::string& did, Freshness freshness) -> absl::StatusOr<DidDocument> {
      freshness_ = freshness;
      return did == kAlice ? document_ : absl::NotFoundError("no such DID");
    };
  }
  Discovery Discover(const std::string& who) {
    const ServerDiscovery discovery(
        Resolve(),
        [this](const std::string& handle) {
          const auto found = handles_.find(handle);
          return found == handles_.end() ? NoSuchHandle() : found->second;
        },
        servers_, WebHosts::kPublic);
    return discovery.Discover(who);
  }
  absl::StatusOr<std::string> Issuer() {
    return FindIssuer(kAlice, Freshness::kForced, Resolve(), servers_, WebHosts::kPublic);
  }

  const testing::TestSigner signer_ = testing::TestSigner::Generate(KeyCurve::kP256);
  testing::FakeClock clock_;
  std::map<std::string, HandleAnswer> handles_ = {{kHandle, ByDns(kAlice)}};
  absl::StatusOr<DidDocument> document_ = Document();
  Freshness freshness_ = Freshness::kCached;
  std::map<std::string, absl::StatusOr<HttpReply>> web_ = {
      {kResourceUrl, Reply(testing::ResourceMetadata(kPds, kIssuer))},
      {kServerUrl, Reply(testing::ServerMetadata(kIssuer))},
      {absl::StrCat(kPds, "/.well-known/oauth-authorization-server"), Reply(testing::ServerMetadata(kPds))},
  };
  AuthServerFinder servers_{[this](const std::string& url, const std::string&) { return web_.at(url); }, clock_,
                            AuthServerFinderOptions{.fresh_for = absl::ZeroDuration()}};
};

TEST_F(ServerDiscoveryTest, EveryStepIsToldInOrder) {
  for (const char* who : {kHandle, "ALICE.example.com", kAlice}) {
    const Discovery found = Discover(who);
    EXPECT_EQ(Steps(found), "+ + - + + + + +") << who;
    EXPECT_EQ(found.did, kAlice);
    EXPECT_EQ(found.handle, kHandle);
    EXPECT_EQ(found.pds, kPds);
    EXPECT_EQ(found.issuer, kIssuer);
    EXPECT_EQ(
        absl::StrJoin(found.steps, " ", [](std::string* out, const auto& step) { out->append(step.name); }),
        "handle_syntax handle_dns handle_https did_document handle_confirmed pds resource_metadata server_metadata");
  }
  EXPECT_EQ(freshness_, Freshness::kCached);
}

TEST_F(ServerDiscoveryTest, AHandleFoundByHttpsAloneIsNoFailure) {
  handles_.insert_or_assign(kHandle, ByHttps(kAlice));
  EXPECT_EQ(Steps(Discover(kHandle)), "+ - + + + + + +");
}

TEST_F(ServerDiscoveryTest, AHandleThatLeadsNowhereEndsIt) {
  EXPECT_EQ(Steps(Discover("alice")), "handle_syntax - - - - - - -");
  EXPECT_EQ(Steps(Discover("alice.local")), "handle_reserved - - - - - - -");
  EXPECT_EQ(Steps(Discover("")), "handle_syntax - - - - - - -");
  const Discovery found = Discover("bob.example.com");
  EXPECT_EQ(Steps(found), "+ dns_no_record https_no_host - - - - -");
  EXPECT_EQ(found.did + found.handle + found.pds + found.issuer, "");
}

TEST_F(ServerDiscoveryTest, AHandleThatItsAccountDoesNotClaimEndsIt) {
  document_->handles = {"bob.example.com"};
  const Discovery found = Discover(kHandle);
  EXPECT_EQ(Steps(found), "+ + - + handle_not_claimed - - -");
  EXPECT_EQ(found.handle, kInvalidHandle);
  EXPECT_EQ(found.issuer, "");
}

TEST_F(ServerDiscoveryTest, AnAccountIsGoodWithoutItsHandle) {
  const struct {
    std::vector<std::string> claimed;
    HandleAnswer answer;
    const char* steps;
  } cases[] = {
      {{}, ByDns(kAlice), "- - - + handle_missing + + +"},
      {{"handle.invalid"}, ByDns(kAlice), "handle_reserved - - + - + + +"},
      {{kHandle}, ByDns(kOther), "+ + - + handle_of_another + + +"},
      {{kHandle}, NoSuchHandle(), "+ dns_no_record https_no_host + https_no_host + + +"},
  };
  for (const auto& row : cases) {
    document_->handles = row.claimed;
    handles_.insert_or_assign(kHandle, row.answer);
    const Discovery found = Discover(kAlice);
    EXPECT_EQ(Steps(found), row.steps);
    EXPECT_EQ(found.handle, kInvalidHandle) << row.steps;
    EXPECT_EQ(found.issuer, kIssuer) << row.steps;
  }
}

TEST_F(ServerDiscoveryTest, AHandleThatCannotBeAskedForIsNotCalledInvalid) {
  const absl::Status out = absl::UnavailableError("dns_unavailable: x");
  handles_.insert_or_assign(kHandle, HandleAnswer{out, absl::NotFoundError("https_no_host: x"), out});
  const Discovery found = Discover(kAlice);
  EXPECT_EQ(Steps(found), "+ ?dns_unavailable https_no_host + ?dns_unavailable + + +");
  EXPECT_EQ(found.handle, "");
  EXPECT_EQ(found.issuer, kIssuer);
}

TEST_F(ServerDiscoveryTest, WithoutADocumentThereIsNoServer) {
  EXPECT_EQ(Steps(Discover(kOther)), "- - - did_unusable - - - -");
  EXPECT_EQ(Steps(Discover("did:x")), "- - - did_unusable - - - -");
  document_ = absl::UnavailableError("down");
  EXPECT_EQ(Steps(Discover(kHandle)), "+ + - ?did_unavailable - - - -");
}

TEST_F(ServerDiscoveryTest, EachServerIsChecked) {
  const struct {
    const char* pds;
    const char* url;
    absl::StatusOr<HttpReply> reply;
    const char* steps;
    absl::StatusCode code;
  } cases[] = {
      {"", kServerUrl, Reply(testing::ServerMetadata(kIssuer)), "pds_missing - -",
       absl::StatusCode::kFailedPrecondition},
      {"https://pds.example.com/", kServerUrl, Reply(testing::ServerMetadata(kIssuer)), "pds_origin - -",
       absl::StatusCode::kFailedPrecondition},
      {"http://pds.example.com", kServerUrl, Reply(testing::ServerMetadata(kIssuer)), "pds_origin - -",
       absl::StatusCode::kFailedPrecondition},
      {kPds, kResourceUrl, Reply(testing::ResourceMetadata(kIssuer, kIssuer)), "+ resource_is_pds -",
       absl::StatusCode::kFailedPrecondition},
      {kPds, kResourceUrl, absl::UnavailableError("x"), "+ ?unreachable -", absl::StatusCode::kUnavailable},
      {kPds, kServerUrl, Reply(testing::ServerMetadata(kPds)), "+ + issuer_is_origin",
       absl::StatusCode::kFailedPrecondition},
      {kPds, kServerUrl, absl::DeadlineExceededError("x"), "+ + ?slow", absl::StatusCode::kDeadlineExceeded},
  };
  for (const auto& row : cases) {
    const auto before = web_;
    document_->pds = row.pds;
    web_.insert_or_assign(row.url, row.reply);
    const Discovery found = Discover(kHandle);
    EXPECT_EQ(Steps(found), absl::StrCat("+ + - + + ", row.steps));
    EXPECT_EQ(found.issuer, "") << row.steps;
    EXPECT_EQ(Issuer().status().code(), row.code) << row.steps;
    web_ = before;
  }
}

TEST_F(ServerDiscoveryTest, APdsMayBeItsOwnIssuer) {
  web_.insert_or_assign(kResourceUrl, HttpReply{404, "", ""});
  const Discovery found = Discover(kHandle);
  EXPECT_EQ(Steps(found), "+ + - + + + - +");
  EXPECT_EQ(found.issuer, kPds);
  EXPECT_EQ(*Issuer(), kPds);
}

TEST_F(ServerDiscoveryTest, TheIssuerIsFoundWithoutHandles) {
  handles_.clear();
  document_->handles.clear();
  EXPECT_EQ(*Issuer(), kIssuer);
  EXPECT_EQ(freshness_, Freshness::kForced);
  document_ = absl::NotFoundError("x");
  EXPECT_EQ(Issuer().status().code(), absl::StatusCode::kNotFound);
  document_ = absl::UnavailableError("x");
  EXPECT_EQ(Issuer().status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace tokens
