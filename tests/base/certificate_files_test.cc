#include "token_service/base/certificate_files.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_authority.h"
#include "token_service/base/read_file.h"

namespace tokens {
namespace {

using testing::PemOf;
using testing::TestAuthority;
using testing::TlsIdentity;

// A certificate's times are whole seconds.
const absl::Time kSoon = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(5)));
const absl::Time kLater = kSoon + absl::Hours(1);

class CertificateFilesTest : public ::testing::Test {
 protected:
  CertificateFilesTest() {
    Write(first_);
    directory_.Write("ca.pem", authority_.CertificatePem());
  }

  void Open() {
    auto files = CertificateFiles::Open(tls_, "server", Observer());
    ASSERT_TRUE(files.ok()) << files.status();
    files_ = *std::move(files);
  }
  CertificateObserver Observer() {
    return {[this](const std::string& which, absl::Time end) { ends_[which] = end; },
            [this](const absl::Status& outcome) { told_.push_back(outcome.ok()); }};
  }
  void Write(const TlsIdentity& server) {
    directory_.Write("server.pem", PemOf(*server.certificate));
    directory_.Write("server.key", PemOf(*server.key));
  }
  // What was told in so many looks.
  std::vector<bool> Look(int times) {
    for (int i = 0; i < times; ++i) files_->Look();
    return std::exchange(told_, {});
  }
  // Whether certificate and key of `server` are what is read.
  bool InUse(const TlsIdentity& server) {
    const std::string text = ReadFile(files_->in_use().certificate, 1 << 20).value_or("");
    EXPECT_EQ(files_->in_use().key, files_->in_use().certificate);
    return absl::StrContains(text, PemOf(*server.certificate)) && absl::StrContains(text, PemOf(*server.key));
  }

  const testing::TempDirectory directory_;
  const TestAuthority authority_;
  const TlsIdentity first_ = authority_.Issue("localhost", kSoon);
  const TlsIdentity second_ = authority_.Issue("localhost", kLater);
  const TlsFiles tls_ = {directory_ / "server.pem", directory_ / "server.key", directory_ / "ca.pem"};
  std::map<std::string, absl::Time> ends_;
  std::vector<bool> told_;
  std::unique_ptr<CertificateFiles> files_;
};

TEST_F(CertificateFilesTest, WhatIsThereIsInUse) {
  Open();
  EXPECT_TRUE(InUse(first_));
  EXPECT_EQ(ReadFile(files_->in_use().peer_ca, 1 << 20).value_or(""), authority_.CertificatePem() + "\n");
  EXPECT_EQ(ends_.at("server"), kSoon);
  EXPECT_EQ(ends_.count("ca"), 1u);
  EXPECT_EQ(Look(3), std::vector<bool>{});
}

TEST_F(CertificateFilesTest, WithoutTlsThereIsNothing) {
  const auto files = CertificateFiles::Open(TlsFiles(), "server", Observer());
  ASSERT_TRUE(files.ok());
  EXPECT_TRUE((*files)->in_use().empty());
  (*files)->Look();
  EXPECT_TRUE(ends_.empty());
}

TEST_F(CertificateFilesTest, AReplacementIsInUseAtOnceAndToldOnce) {
  Open();
  Write(second_);
  EXPECT_EQ(Look(1), std::vector<bool>{true});
  EXPECT_TRUE(InUse(second_));
  EXPECT_EQ(ends_.at("server"), kLater);
  EXPECT_EQ(Look(3), std::vector<bool>{});
  directory_.Write("ca.pem", authority_.CertificatePem() + TestAuthority().CertificatePem());
  EXPECT_EQ(Look(3), std::vector<bool>{true});
}

// Ways to break the files, each a fault at the start and later.
using Break = std::function<void(const testing::TempDirectory&, const TlsIdentity& other)>;
const std::vector<std::pair<std::string, Break>>& Faults() {
  static const auto* faults = new std::vector<std::pair<std::string, Break>>{
      {"server.pem: does not hold PEM certificates",
       [](const auto& directory, const TlsIdentity&) { directory.Write("server.pem", "nonsense"); }},
      {"server.pem: does not hold PEM certificates",
       [](const auto& directory, const TlsIdentity&) { directory.Write("server.pem", ""); }},
      {"server.pem: the private key is not that of the certificate",
       [](const auto& directory, const TlsIdentity& other) {
         directory.Write("server.pem", PemOf(*other.certificate));
       }},
      {"server.pem: the private key is not that of the certificate",
       [](const auto& directory, const TlsIdentity&) { directory.Write("server.key", "nonsense"); }},
      {"server.key: is empty", [](const auto& directory, const TlsIdentity&) { directory.Write("server.key", ""); }},
      {"ca.pem: does not hold PEM certificates",
       [](const auto& directory, const TlsIdentity&) { directory.Write("ca.pem", ""); }},
      {"ca.pem: does not hold PEM certificates",
       [](const auto& directory, const TlsIdentity& other) {
         directory.Write("ca.pem", PemOf(*other.certificate) + "-----BEGIN CERTIFICATE-----\nAAAA\n");
       }},
  };
  return *faults;
}

TEST_F(CertificateFilesTest, ABadReplacementChangesNothingAndIsToldOnceTwoLooksHaveSeenIt) {
  Open();
  const std::string ca = authority_.CertificatePem();
  for (const auto& [text, break_it] : Faults()) {
    break_it(directory_, second_);
    EXPECT_EQ(Look(1), std::vector<bool>{}) << text;
    EXPECT_EQ(Look(3), std::vector<bool>{false}) << text;
    EXPECT_TRUE(InUse(first_)) << text;
    EXPECT_EQ(ReadFile(files_->in_use().peer_ca, 1 << 20).value_or(""), ca + "\n") << text;
    EXPECT_EQ(ends_.at("server"), kSoon) << text;
    Write(first_);
    directory_.Write("ca.pem", ca);
    EXPECT_EQ(Look(3), std::vector<bool>{true}) << text << ": it is mended";
  }
}

TEST_F(CertificateFilesTest, AFaultAtTheStartIsRefusedByName) {
  for (const auto& [text, break_it] : Faults()) {
    break_it(directory_, second_);
    const absl::Status status = CertificateFiles::Open(tls_, "server", Observer()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), directory_ / text);
    Write(first_);
    directory_.Write("ca.pem", authority_.CertificatePem());
  }
  TlsFiles absent = tls_;
  absent.key = directory_ / "absent.key";
  EXPECT_EQ(CertificateFiles::Open(absent, "server", Observer()).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(CertificateFilesTest, AKeyThatComesAfterItsCertificateIsNoFault) {
  Open();
  directory_.Write("server.pem", PemOf(*second_.certificate));
  EXPECT_EQ(Look(1), std::vector<bool>{});
  EXPECT_TRUE(InUse(first_));
  directory_.Write("server.key", PemOf(*second_.key));
  EXPECT_EQ(Look(2), std::vector<bool>{true});
  EXPECT_TRUE(InUse(second_));
}

TEST(FirstEndTest, OfSeveralTheFirstToEndCounts) {
  const TestAuthority authority;
  const TlsIdentity late = authority.Issue("a", kLater);
  const TlsIdentity early = authority.Issue("b", kSoon);
  const auto end = FirstEnd(PemOf(*late.certificate) + PemOf(*early.certificate), PemOf(*late.key));
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(*end, kSoon);
}

}  // namespace
}  // namespace tokens
