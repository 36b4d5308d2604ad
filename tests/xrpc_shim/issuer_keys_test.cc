#include "xrpc_shim/issuer_keys.h"

#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_signer.h"

namespace tokens::xrpc {
namespace {

using Code = absl::StatusCode;
using nlohmann::json;
using testing::TestSigner;

constexpr char kIssuer[] = "https://auth.example.com";
constexpr char kMetadataUrl[] = "https://auth.example.com/.well-known/oauth-authorization-server";
constexpr char kJwksUri[] = "https://keys.example.com/jwks";

class IssuerKeysTest : public ::testing::Test {
 protected:
  void SetUp() override { keys_ = *IssuerKeys::Create({{kIssuer, "", true}}, Fetch(), clock_); }

  FetchUrl Fetch() {
    return [this](const std::string& url) -> absl::StatusOr<HttpReply> {
      ++fetches_;
      if (!outage_.ok()) return outage_;
      if (url == kMetadataUrl) return metadata_;
      EXPECT_EQ(url, kJwksUri);
      return jwks_;
    };
  }
  static HttpReply Reply(const json& body) { return {200, "application/json; charset=utf-8", body.dump()}; }
  static json Jwks(const std::string& kid, const TestSigner& signer) {
    json jwk = signer.Jwk();
    jwk["kid"] = kid;
    return {{"keys", {jwk}}};
  }
  Code Find(const std::string& kid) { return keys_->Find(kIssuer, kid).status().code(); }

  testing::FakeClock clock_;
  const TestSigner signer_ = TestSigner::Generate(KeyCurve::kP256);
  int fetches_ = 0;
  absl::Status outage_;
  HttpReply metadata_ = Reply({{"issuer", kIssuer}, {"jwks_uri", kJwksUri}});
  HttpReply jwks_ = Reply(Jwks("1", signer_));
  std::unique_ptr<IssuerKeys> keys_;
};

TEST_F(IssuerKeysTest, KeysAreFetchedOnceAndKeptForTenMinutes) {
  const auto key = keys_->Find(kIssuer, "1");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->ToDidKey(), signer_.DidKey());
  clock_.Advance(kIssuerKeysFreshFor - absl::Microseconds(1));
  EXPECT_EQ(Find("1"), Code::kOk);
  EXPECT_EQ(fetches_, 2);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Find("1"), Code::kOk);
  EXPECT_EQ(fetches_, 4);
}

TEST_F(IssuerKeysTest, ThoseWhoAskTogetherShareOneFetch) {
  std::atomic<int> found = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) callers.emplace_back([this, &found] { found += Find("1") == Code::kOk ? 1 : 0; });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(found, 8);
  EXPECT_EQ(fetches_, 2);
}

TEST_F(IssuerKeysTest, AWithdrawnKeyIsForgotten) {
  EXPECT_EQ(Find("1"), Code::kOk);
  jwks_ = Reply(Jwks("2", signer_));
  clock_.Advance(kIssuerKeysFreshFor);
  EXPECT_EQ(Find("1"), Code::kNotFound);
}

TEST_F(IssuerKeysTest, AnUnknownKeyIsAskedForOnceInAWhile) {
  EXPECT_EQ(Find("1"), Code::kOk);
  jwks_ = Reply(Jwks("2", signer_));
  clock_.Advance(kIssuerKeysRefetchInterval - absl::Microseconds(1));
  EXPECT_EQ(Find("2"), Code::kNotFound);
  EXPECT_EQ(fetches_, 2);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Find("2"), Code::kOk);
  EXPECT_EQ(fetches_, 4);
}

TEST_F(IssuerKeysTest, AnIssuerThatIsNotConfiguredIsAskedNothing) {
  EXPECT_EQ(keys_->Find("https://auth.example.com/", "1").status().code(), Code::kPermissionDenied);
  EXPECT_EQ(keys_->Find("https://other.example.com", "1").status().code(), Code::kPermissionDenied);
  EXPECT_EQ(fetches_, 0);
}

TEST_F(IssuerKeysTest, AnOutageIsToldApartFromAnAbsentKey) {
  outage_ = absl::DeadlineExceededError("slow");
  EXPECT_EQ(Find("1"), Code::kDeadlineExceeded);
  EXPECT_EQ(Find("1"), Code::kDeadlineExceeded) << "throttled";
  EXPECT_EQ(fetches_, 1);
  for (const Code code : {Code::kNotFound, Code::kPermissionDenied, Code::kInvalidArgument, Code::kUnavailable}) {
    outage_ = absl::Status(code, "of the fetch");
    clock_.Advance(kIssuerKeysRefetchInterval);
    EXPECT_EQ(Find("1"), Code::kUnavailable);
  }
}

TEST_F(IssuerKeysTest, OldKeysServeThroughAnOutageForAnHour) {
  EXPECT_EQ(Find("1"), Code::kOk);
  outage_ = absl::UnavailableError("down");
  clock_.Advance(kIssuerKeysUsableFor - absl::Microseconds(1));
  EXPECT_EQ(Find("1"), Code::kOk);
  EXPECT_EQ(Find("2"), Code::kUnavailable) << "may be the newest";
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Find("1"), Code::kUnavailable);
}

TEST_F(IssuerKeysTest, AClockSetBackMakesKeysOlder) {
  EXPECT_EQ(Find("1"), Code::kOk);
  clock_.Advance(-kIssuerKeysFreshFor);
  EXPECT_EQ(Find("1"), Code::kOk);
  EXPECT_EQ(fetches_, 4);
}

TEST_F(IssuerKeysTest, ABadAnswerIsAnOutage) {
  const HttpReply good = metadata_;
  const HttpReply bad_metadata[] = {
      Reply({{"issuer", "https://other.example.com"}, {"jwks_uri", kJwksUri}}),
      Reply({{"issuer", kIssuer}}),
      Reply({{"jwks_uri", kJwksUri}}),
      Reply("text"),
      {200, "application/json", "not JSON"},
      {200, "text/html", good.body},
      {203, "application/json", good.body},
      {404, "application/json", good.body},
  };
  for (const HttpReply& bad : bad_metadata) {
    metadata_ = bad;
    clock_.Advance(kIssuerKeysRefetchInterval);
    EXPECT_EQ(Find("1"), Code::kUnavailable) << bad.body;
  }
  metadata_ = good;
  for (const HttpReply& bad : {Reply(json::object()), HttpReply{500, "application/json", jwks_.body},
                               HttpReply{200, "text/plain", jwks_.body}}) {
    jwks_ = bad;
    clock_.Advance(kIssuerKeysRefetchInterval);
    EXPECT_EQ(Find("1"), Code::kUnavailable) << bad.body;
  }
}

TEST_F(IssuerKeysTest, AFileIsReadOnce) {
  const testing::TempDirectory folder;
  const std::string path = folder.Write("jwks.json", Jwks("1", signer_).dump());
  const auto keys = IssuerKeys::Create({{kIssuer, path, true}}, Fetch(), clock_);
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_TRUE((*keys)->Find(kIssuer, "1").ok());
  EXPECT_TRUE(absl::IsNotFound((*keys)->Find(kIssuer, "2").status()));
  EXPECT_EQ(fetches_, 0);
}

TEST_F(IssuerKeysTest, AFileThatDoesNotServeIsRefusedAndChangesNothing) {
  const testing::TempDirectory folder;
  const std::string bad = folder.Write("bad.json", "{}");
  EXPECT_TRUE(absl::IsInvalidArgument(keys_->Replace({{kIssuer, bad, true}})));
  EXPECT_TRUE(absl::IsNotFound(keys_->Replace({{kIssuer, folder / "absent", true}})));
  EXPECT_TRUE(absl::IsInvalidArgument(IssuerKeys::Create({{kIssuer, bad, true}}, Fetch(), clock_).status()));
  EXPECT_EQ(Find("1"), Code::kOk);
  EXPECT_EQ(fetches_, 2);
}

TEST_F(IssuerKeysTest, ReplacingKeepsWhatWasFetchedFromAnIssuerThatStays) {
  EXPECT_EQ(Find("1"), Code::kOk);
  outage_ = absl::UnavailableError("down");
  ASSERT_EQ(keys_->Replace({{"https://other.example.com", "", true}, {kIssuer, "", true}}), absl::OkStatus());
  EXPECT_EQ(Find("1"), Code::kOk);
  EXPECT_TRUE(absl::IsUnavailable(keys_->Find("https://other.example.com", "1").status()));
}

TEST_F(IssuerKeysTest, AnIssuerThatIsTakenOutIsTrustedNoMore) {
  EXPECT_EQ(Find("1"), Code::kOk);
  EXPECT_TRUE(keys_->any());
  ASSERT_EQ(keys_->Replace({}), absl::OkStatus());
  EXPECT_EQ(Find("1"), Code::kPermissionDenied);
  EXPECT_FALSE(keys_->any());
}

TEST_F(IssuerKeysTest, FilesAreReadAgainWhenReplaced) {
  const testing::TempDirectory folder;
  const std::string path = folder.Write("jwks.json", Jwks("1", signer_).dump());
  ASSERT_EQ(keys_->Replace({{kIssuer, path, true}}), absl::OkStatus());
  EXPECT_EQ(Find("1"), Code::kOk);
  folder.Write("jwks.json", Jwks("2", signer_).dump());
  ASSERT_EQ(keys_->Replace({{kIssuer, path, true}}), absl::OkStatus());
  EXPECT_EQ(Find("1"), Code::kNotFound);
  EXPECT_EQ(Find("2"), Code::kOk);
  EXPECT_EQ(fetches_, 0);
}

}  // namespace
}  // namespace tokens::xrpc
