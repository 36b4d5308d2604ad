// Which files sign the audit, and what they sign.
#include "token_service/audit_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "tests/support/audit_keys.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_authority.h"

namespace tokens {
namespace {

using ::testing::HasSubstr;
using testing::kAuditKeyId;
using testing::kAuditKeyPem;
using testing::kAuditPublicKeyPem;
using testing::kOtherAuditKeyPem;
using testing::kOtherAuditPublicKeyPem;
using ::testing::StartsWith;
using testing::TempDirectory;

constexpr absl::Time kTime = absl::FromUnixMicros(1'700'000'001'000'007);

storage::AuditHead Head() {
  storage::AuditHead head;
  head.sequence = 42;
  head.hash.fill(0xa5);
  return head;
}

TEST(AuditKeyTest, SignsAsOpenSslSigns) {
  const auto key = AuditKey::Parse(kAuditKeyPem);
  ASSERT_TRUE(key.ok()) << key.status();
  const auto checkpoint = key->Sign(Head(), kTime + absl::Nanoseconds(999));
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->head, Head());
  EXPECT_EQ(checkpoint->time, kTime);
  EXPECT_EQ(checkpoint->key_id, kAuditKeyId);
  // By `openssl pkeyutl -sign -rawin` over bytes that a script made from the description in audit_checkpoint.h; the id
  // by sha256sum.
  EXPECT_EQ(absl::BytesToHexString(std::string(checkpoint->signature.begin(), checkpoint->signature.end())),
            "c98dff7c8b20c0f434daefa179f44896eebd0ca172c6bd7a47618e438480b14678b394bef3d8fd602204fa5cee7f9de1f25e7fabd8"
            "03708ae4c7f1e2d901e709");
}

TEST(AuditKeyTest, ThePublicHalfKnowsWhatWasSignedAndNothingElse) {
  const auto key = AuditPublicKey::Parse(kAuditPublicKeyPem);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->id(), kAuditKeyId);
  const storage::AuditCheckpoint good = AuditKey::Parse(kAuditKeyPem)->Sign(Head(), kTime).value();
  EXPECT_TRUE(key->Signed(good));
  storage::AuditCheckpoint bad = good;
  bad.head.sequence = 43;
  EXPECT_FALSE(key->Signed(bad));
  bad = good;
  bad.head.hash[31] ^= 1;
  EXPECT_FALSE(key->Signed(bad));
  bad = good;
  bad.time += absl::Microseconds(1);
  EXPECT_FALSE(key->Signed(bad));
  bad = good;
  bad.key_id[0] = '1';
  EXPECT_FALSE(key->Signed(bad));
  bad = good;
  bad.signature[63] ^= 1;
  EXPECT_FALSE(key->Signed(bad));
  EXPECT_FALSE(AuditPublicKey::Parse(kOtherAuditPublicKeyPem)->Signed(good));
}

TEST(AuditKeyTest, OtherKindsOfKeyAreRefusedAndNotShown) {
  const testing::TlsIdentity ec = testing::TestAuthority().Issue("host", absl::Now() + absl::Hours(1));
  const std::string ec_pem = testing::PemOf(*ec.key);
  EXPECT_EQ(AuditKey::Parse(ec_pem).status().message(), "not an Ed25519 key");
  const std::string encrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg=\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  for (const std::string& pem : {std::string(), std::string("x"), std::string(kAuditPublicKeyPem), encrypted}) {
    const absl::Status status = AuditKey::Parse(pem).status();
    EXPECT_EQ(status.message(), "not PEM of an unencrypted private key") << pem;
    EXPECT_TRUE(absl::IsInvalidArgument(status));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(AuditPublicKey::Parse(kAuditKeyPem).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(AuditPublicKey::Parse("x").status()));
}

TEST(AuditKeyFileTest, NoPathIsNoKey) {
  const auto file = AuditKeyFile::Open("");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->Current(), nullptr);
  EXPECT_TRUE((*file)->Reload().ok());
}

TEST(AuditKeyFileTest, ReloadReachesReadersAndABadFileChangesNothing) {
  TempDirectory directory;
  const std::string path = directory.Write("audit.pem", kAuditKeyPem);
  const auto file = AuditKeyFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto before = (*file)->Current();
  EXPECT_EQ(before->id(), kAuditKeyId);
  directory.Write("audit.pem", kOtherAuditKeyPem);
  ASSERT_TRUE((*file)->Reload().ok());
  const std::string other = (*file)->Current()->id();
  EXPECT_EQ(other, AuditPublicKey::Parse(kOtherAuditPublicKeyPem)->id());
  EXPECT_EQ(before->id(), kAuditKeyId) << "stays as it was for those who hold it";
  directory.Write("audit.pem", "no key");
  EXPECT_FALSE((*file)->Reload().ok());
  EXPECT_EQ((*file)->Current()->id(), other);
}

TEST(AuditKeyFileTest, ABadFileIsOneLineThatBeginsWithItsPath) {
  TempDirectory directory;
  for (const std::string& path :
       {directory / "missing", directory.path(), directory.Write("bad", "MC4CAQAwBQYDK2Vw")}) {
    const absl::Status status = AuditKeyFile::Open(path).status();
    ASSERT_FALSE(status.ok()) << path;
    EXPECT_THAT(std::string(status.message()), StartsWith(path + ": "));
    EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr("\n")));
    EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr("MC4C")));
    EXPECT_THAT(std::string(AuditPublicKey::Read(path).status().message()), StartsWith(path + ": "));
  }
}

}  // namespace
}  // namespace tokens
