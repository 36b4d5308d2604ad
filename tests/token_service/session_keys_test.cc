#include "token_service/session_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/session_fixture.h"
#include "token_service/jose/jwk_set.h"

namespace tokens {
namespace {

using ::testing::HasSubstr;
using testing::MakeTestKey;
using testing::TempDirectory;

TEST(SessionKeysTest, TheFirstSignsAndAllCheck) {
  TempDirectory directory;
  const auto a = MakeTestKey(KeyCurve::kP256, 1);
  const auto b = MakeTestKey(KeyCurve::kK256, 2);
  const auto files =
      SessionKeyFiles::Open({directory.Write("b", b.private_jwk.dump()), directory.Write("a", a.private_jwk.dump())});
  ASSERT_TRUE(files.ok()) << files.status();
  const auto keys = (*files)->Current();
  EXPECT_EQ(keys->signer().public_key().ToDidKey(), b.signer.DidKey());
  const auto published = JwkSet::Parse(keys->ToJwkSet());
  ASSERT_TRUE(published.ok()) << published.status();
  const nlohmann::json set = nlohmann::json::parse(keys->ToJwkSet());
  ASSERT_EQ(set["keys"].size(), 2u);
  EXPECT_EQ(set["keys"][0]["kid"], keys->signer().kid());
  const SigningKey* second = keys->Find(set["keys"][1]["kid"]);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->ToDidKey(), a.signer.DidKey());
  EXPECT_EQ(keys->Find("other"), nullptr);
}

TEST(SessionKeysTest, NoFilesAreNoKeys) {
  const auto files = SessionKeyFiles::Open({});
  ASSERT_TRUE(files.ok());
  EXPECT_TRUE((*files)->Current()->empty());
}

TEST(SessionKeysTest, EveryBadFileGetsALineThatNamesItAndNotWhatIsInIt) {
  TempDirectory directory;
  nlohmann::json jwk = MakeTestKey(KeyCurve::kP256, 1).private_jwk;
  jwk["crv"] = "P-384";
  const auto files =
      SessionKeyFiles::Open({directory / "missing", directory.Write("bad", jwk.dump()), directory.Write("x", "x")});
  ASSERT_FALSE(files.ok());
  const std::string message(files.status().message());
  EXPECT_THAT(message, HasSubstr(directory / "missing"));
  EXPECT_THAT(message, HasSubstr("\n" + (directory / "bad") + ": "));
  EXPECT_THAT(message, HasSubstr("\n" + (directory / "x") + ": "));
  EXPECT_EQ(message.find(jwk["d"].get<std::string>()), std::string::npos);
}

TEST(SessionKeysTest, TwoKeysOfOneNameAreRefused) {
  TempDirectory directory;
  nlohmann::json a = MakeTestKey(KeyCurve::kP256, 1).private_jwk;
  nlohmann::json b = MakeTestKey(KeyCurve::kP256, 2).private_jwk;
  a["kid"] = b["kid"] = "same";
  EXPECT_EQ(SessionKeyFiles::Open({directory.Write("a", a.dump()), directory.Write("b", b.dump())}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(SessionKeysTest, ReloadReachesReadersAndABadFileChangesNothing) {
  testing::SessionKeysFixture fixture;
  const auto before = fixture.files().Current();
  nlohmann::json next = MakeTestKey(KeyCurve::kP256, 2).private_jwk;
  next["kid"] = "two";
  fixture.Write("a.jwk", next);
  ASSERT_TRUE(fixture.files().Reload().ok());
  EXPECT_EQ(fixture.files().Current()->signer().kid(), "two");
  EXPECT_EQ(before->signer().kid(), "one") << "stays as it was for those who hold it";
  fixture.Write("a.jwk", "no key");
  EXPECT_FALSE(fixture.files().Reload().ok());
  EXPECT_EQ(fixture.files().Current()->signer().kid(), "two");
}

}  // namespace
}  // namespace tokens
