#include "xrpc_shim/session_account.h"

#include <gtest/gtest.h>

#include "tests/support/test_signer.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;
using Json = nlohmann::ordered_json;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

TEST(SessionAccount, IsActiveOnlyIfItsStatusSaysSo) {
  const struct {
    int status;
    bool active;
    const char* text;  // Null where there is no "status".
  } cases[] = {
      {pb::Account::ACTIVE, true, nullptr},
      {pb::Account::DEACTIVATED, false, "deactivated"},
      {pb::Account::TAKENDOWN, false, "takendown"},
      {pb::Account::SUSPENDED, false, "suspended"},
      {pb::Account::STATUS_UNSPECIFIED, false, nullptr},
      {99, false, nullptr},
  };
  for (const auto& row : cases) {
    const Json account =
        DescribeAccount(kAlice, static_cast<pb::Account::Status>(row.status), absl::UnavailableError("x"));
    EXPECT_EQ(account["active"], row.active) << row.status;
    EXPECT_EQ(account.contains("status"), row.text != nullptr) << row.status;
    EXPECT_EQ(account.value("status", ""), row.text == nullptr ? "" : row.text) << row.status;
  }
}

TEST(SessionAccount, HasTheFirstHandleOfItsDocument) {
  const auto signer = testing::TestSigner::Generate(KeyCurve::kP256);
  const SigningKey key = *SigningKey::FromDidKey(signer.DidKey());
  const DidDocument named{kAlice, key, {"alice.example.com", "old.example.com"}, ""};
  EXPECT_EQ(DescribeAccount(kAlice, pb::Account::ACTIVE, named)["handle"], "alice.example.com");
  const Json nameless = DescribeAccount(kAlice, pb::Account::ACTIVE, DidDocument{kAlice, key, {}, ""});
  EXPECT_EQ(nameless["handle"], "handle.invalid");
  EXPECT_EQ(nameless["didDoc"]["alsoKnownAs"], Json::array());
}

TEST(SessionAccount, WithoutADocumentIsWhole) {
  for (const absl::Status& why :
       {absl::UnavailableError("x"), absl::DeadlineExceededError("x"), absl::NotFoundError("x")}) {
    const Json expected = {{"handle", "handle.invalid"}, {"did", kAlice}, {"emailConfirmed", false}, {"active", true}};
    EXPECT_EQ(DescribeAccount(kAlice, pb::Account::ACTIVE, why), expected) << why;
  }
}

// A didDoc with a personal data server would have clients send it our JWTs.
TEST(SessionAccount, ItsDocumentHasItsKeyAndNoService) {
  for (const KeyCurve curve : {KeyCurve::kP256, KeyCurve::kK256}) {
    const auto signer = testing::TestSigner::Generate(curve);
    const auto original = testing::MakeDidDocument(kAlice, signer);
    ASSERT_TRUE(original.contains("service")) << "the original has one";
    const absl::StatusOr<DidDocument> document = ParseDidDocument(kAlice, original.dump());
    ASSERT_TRUE(document.ok());
    const Json shown = DidDocumentOf(*document);
    EXPECT_FALSE(shown.contains("service"));
    EXPECT_EQ(shown["alsoKnownAs"], Json::parse(original["alsoKnownAs"].dump()));
    const absl::StatusOr<DidDocument> again = ParseDidDocument(kAlice, shown.dump());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->signing_key, document->signing_key);
  }
}

}  // namespace
}  // namespace tokens::xrpc
