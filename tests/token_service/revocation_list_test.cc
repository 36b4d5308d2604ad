#include "token_service/revocation_list.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_authority.h"
#include "token_service/revocation_file.h"

namespace tokens {
namespace {

using testing::PemOf;
using testing::TestAuthority;
using testing::TlsIdentity;

const absl::Time kSoon = absl::Now() + absl::Hours(1);

PeerCertificate Read(const TlsIdentity& identity) { return *ParsePeerCertificate(PemOf(*identity.certificate)); }

TEST(RevocationListTest, HoldsWhatItsAuthorityRevokedAndNothingElse) {
  const TestAuthority authority;
  const TlsIdentity revoked = authority.Issue("a", kSoon);
  const TlsIdentity good = authority.Issue("a", kSoon);
  const auto list = RevocationList::Parse(authority.Revoke({&revoked}, kSoon), authority.CertificatePem());
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_TRUE(list->Contains(Read(revoked)));
  EXPECT_FALSE(list->Contains(Read(good)));
  EXPECT_EQ(list->size(), 1u);
  EXPECT_EQ(absl::ToUnixSeconds(list->next_update()), absl::ToUnixSeconds(kSoon));
  EXPECT_FALSE(RevocationList().Contains(Read(revoked)));
}

TEST(RevocationListTest, SeveralListsAddUpAndTheFirstDueCounts) {
  const TestAuthority one;
  const TestAuthority two;
  const TlsIdentity a = one.Issue("a", kSoon);
  const TlsIdentity b = two.Issue("b", kSoon);
  const auto list =
      RevocationList::Parse(absl::StrCat(one.Revoke({&a}, kSoon + absl::Hours(1)), two.Revoke({&b}, kSoon)),
                            absl::StrCat(two.CertificatePem(), one.CertificatePem()));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_TRUE(list->Contains(Read(a)));
  EXPECT_TRUE(list->Contains(Read(b)));
  EXPECT_EQ(absl::ToUnixSeconds(list->next_update()), absl::ToUnixSeconds(kSoon));
}

TEST(RevocationListTest, WhatCannotBeBelievedIsRefused) {
  const TestAuthority authority;
  const TestAuthority other;  // of the same name
  const TlsIdentity a = authority.Issue("a", kSoon);
  const std::string good = authority.Revoke({&a}, kSoon);
  std::string damaged = good;
  damaged.erase(40, 8);  // of the first line of Base64
  const std::string rows[] = {
      "",
      "nonsense",
      authority.CertificatePem(),
      other.Revoke({&a}, kSoon),
      damaged,
      absl::StrCat(good, damaged),
      absl::StrCat(good, other.Revoke({}, kSoon)),
  };
  for (const std::string& text : rows) {
    EXPECT_EQ(RevocationList::Parse(text, authority.CertificatePem()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
  EXPECT_FALSE(RevocationList::Parse(good, "").ok());
}

TEST(RevocationFileTest, ABadFileIsRefusedAtFirstAndLaterChangesNothing) {
  const testing::TempDirectory directory;
  testing::FakeClock clock(absl::Now());
  const TestAuthority authority;
  const TlsIdentity a = authority.Issue("a", kSoon);
  const std::string ca = directory.Write("ca.pem", authority.CertificatePem());
  const std::string crl = directory / "crl.pem";
  EXPECT_EQ(RevocationFile::Open(crl, ca, clock).status().code(), absl::StatusCode::kNotFound);
  directory.Write("crl.pem", "nonsense");
  EXPECT_EQ(RevocationFile::Open(crl, ca, clock).status().code(), absl::StatusCode::kInvalidArgument);
  directory.Write("crl.pem", authority.Revoke({&a}, kSoon));
  const auto file = RevocationFile::Open(crl, ca, clock);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->Current()->Contains(Read(a)));
  directory.Write("crl.pem", "nonsense");
  EXPECT_FALSE((*file)->Reload().ok());
  EXPECT_TRUE((*file)->Current()->Contains(Read(a)));
  directory.Write("crl.pem", authority.Revoke({}, kSoon));
  EXPECT_TRUE((*file)->Reload().ok());
  EXPECT_FALSE((*file)->Current()->Contains(Read(a)));
}

TEST(RevocationFileTest, TellsOnceWhatCameOfAnotherList) {
  const testing::TempDirectory directory;
  testing::FakeClock clock(absl::Now());
  const TestAuthority authority;
  const std::string ca = directory.Write("ca.pem", authority.CertificatePem());
  const std::string crl = directory.Write("crl.pem", authority.Revoke({}, kSoon));
  Mutex mutex;  // the file's own thread looks at once, too
  std::vector<bool> told;
  const auto file = RevocationFile::Open(crl, ca, clock, [&](const absl::Status& status) {
    MutexLock lock(mutex);
    told.push_back(status.ok());
  });
  ASSERT_TRUE(file.ok()) << file.status();
  const auto reload_thrice = [&] {
    for (int i = 0; i < 3; ++i) file.value()->Reload().IgnoreError();
    MutexLock lock(mutex);
    return std::exchange(told, {});
  };
  EXPECT_EQ(reload_thrice(), std::vector<bool>{}) << "the same as at the start";
  directory.Write("crl.pem", authority.Revoke({}, kSoon + absl::Hours(1)));
  EXPECT_EQ(reload_thrice(), std::vector<bool>{true});
  directory.Write("crl.pem", "nonsense");
  EXPECT_EQ(reload_thrice(), std::vector<bool>{false});
  directory.Write("crl.pem", authority.Revoke({}, kSoon + absl::Hours(1)));
  EXPECT_EQ(reload_thrice(), std::vector<bool>{true}) << "the fault is mended";
}

TEST(RevocationFileTest, WithoutAPathNothingIsRevoked) {
  testing::FakeClock clock(absl::Now());
  const auto file = RevocationFile::Open("", "", clock);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE((*file)->Reload().ok());
  EXPECT_EQ((*file)->Current()->size(), 0u);
}

}  // namespace
}  // namespace tokens
