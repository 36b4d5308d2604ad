#include "xrpc_shim/listener_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/test_listener_certificate.h"

namespace tokens::xrpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using tokens::testing::PemOf;
using tokens::testing::TempDirectory;
using tokens::testing::TestAuthority;
using tokens::testing::TestListenerCertificate;
using tokens::testing::TlsIdentity;

// The certificate that a new connection would be shown.
std::string Shown(const ListenerCertificate& certificate) {
  return PemOf(*SSL_get_certificate(certificate.NewSession().get()));
}

std::string WithPassphrase(EVP_PKEY& key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, &key, EVP_aes_128_cbc(), nullptr, 0, nullptr, const_cast<char*>("secret"));
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  return pem;
}

CertificateObserver Nobody() {
  return {[](const std::string&, absl::Time) {}, [](const absl::Status&) {}};
}

TEST(ListenerCertificateTest, APairThatCannotBeUsedIsRefusedInOneLine) {
  const TestAuthority authority;
  const TlsIdentity one = authority.Issue("localhost", absl::Now() + absl::Hours(1));
  const TlsIdentity other = authority.Issue("localhost", absl::Now() + absl::Hours(1));
  const std::string chain = PemOf(*one.certificate);
  const std::string key = PemOf(*one.key);
  const std::string cut = chain.substr(0, chain.size() / 2);
  const struct {
    const char* what;
    std::string chain;
    std::string key;
    const char* reason;
  } cases[] = {
      {"no certificate", "", key, "not a PEM certificate"},
      {"text", "certificate", key, "not a PEM certificate"},
      {"cut certificate", cut, key, "not a PEM certificate"},
      {"key for a certificate", key, key, "not a PEM certificate"},
      {"cut chain", chain + cut, key, "chain is damaged"},
      {"no key", chain, "", "not a PEM private key"},
      {"certificate for a key", chain, chain, "not a PEM private key"},
      {"another's key", chain, PemOf(*other.key), "does not belong"},
      {"key with a passphrase", chain, WithPassphrase(*one.key), "without a passphrase"},
      {"large", std::string(2 << 20, 'a'), key, "larger than"},
  };
  for (const auto& row : cases) {
    const TempDirectory directory;
    const auto opened = ListenerCertificate::Open(directory.Write("chain.pem", row.chain),
                                                  directory.Write("key.pem", row.key), Nobody());
    EXPECT_TRUE(absl::IsInvalidArgument(opened.status())) << row.what << ": " << opened.status();
    EXPECT_THAT(std::string(opened.status().message()), HasSubstr(row.reason)) << row.what;
    EXPECT_EQ(opened.status().message().find('\n'), std::string::npos) << row.what;
  }
  const TempDirectory directory;
  EXPECT_TRUE(absl::IsNotFound(
      ListenerCertificate::Open(directory / "absent.pem", directory.Write("key.pem", key), Nobody()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      ListenerCertificate::Open(directory.Write("chain.pem", chain), directory.path(), Nobody()).status()));
}

TEST(ListenerCertificateTest, ANewPairIsPutToUse) {
  const TestListenerCertificate files;
  const std::string first = Shown(*files);
  files->Reload();
  EXPECT_EQ(Shown(*files), first);
  EXPECT_THAT(files.outcomes(), IsEmpty()) << "nothing was new";

  const absl::Time expires = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) + 3600);
  const auto next = files.Replace(expires);
  files->Reload();
  EXPECT_EQ(Shown(*files), PemOf(*next));
  EXPECT_THAT(files.outcomes(), ElementsAre(absl::StatusCode::kOk));
  EXPECT_THAT(files.in_use(), ElementsAre(Pair("server", expires)));
}

TEST(ListenerCertificateTest, ABadPairChangesNothingUntilItIsMended) {
  const TestListenerCertificate files;
  const std::string first = Shown(*files);
  const absl::Time expires = files.in_use().at("server");
  const TlsIdentity next = files.authority().Issue("localhost", absl::Now() + absl::Hours(1));
  files.WriteChain(PemOf(*next.certificate));
  files->Reload();
  files->Reload();
  EXPECT_EQ(Shown(*files), first);
  EXPECT_EQ(files.in_use().at("server"), expires);
  EXPECT_THAT(files.outcomes(), ElementsAre(absl::StatusCode::kInvalidArgument)) << "a fault that lasts is told once";

  files.WriteKey(PemOf(*next.key));
  files->Reload();
  EXPECT_EQ(Shown(*files), PemOf(*next.certificate));
  EXPECT_THAT(files.outcomes(), ElementsAre(absl::StatusCode::kInvalidArgument, absl::StatusCode::kOk));
}

TEST(ListenerCertificateTest, AnExpiredPairIsUsedAndSaysSo) {
  const TestListenerCertificate files;
  const auto expired = files.Replace(absl::Now() - absl::Hours(1));
  files->Reload();
  EXPECT_EQ(Shown(*files), PemOf(*expired));
  EXPECT_LT(files.in_use().at("server"), absl::Now());
}

}  // namespace
}  // namespace tokens::xrpc
