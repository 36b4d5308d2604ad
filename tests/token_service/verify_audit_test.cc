// What verify-audit prints and how it exits.
#include "token_service/verify_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/open_token_store.h"
#include "tests/support/temp_directory.h"

namespace tokens {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class VerifyAuditTest : public ::testing::Test {
 protected:
  // A closed store with `records` records; where its audit ends.
  std::string MakeStore(const std::string& name, int records) {
    storage::StoreOptions options;
    options.location = Location(name);
    options.free_space_reserve_bytes = 0;
    const auto store = storage::OpenTokenStore(options);
    EXPECT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < records; ++i) {
      EXPECT_TRUE(
          (*store)
              ->AppendAudit({absl::FromUnixSeconds(i), storage::AuditAction::kPolicyReload, {name, ""}, "", "", ""})
              .ok());
    }
    return FormatAuditHead((*store)->ReadAuditHead().value());
  }
  std::string Location(const std::string& name) { return absl::StrCat("rocksdb:", directory_ / name); }

  testing::TempDirectory directory_;
};

TEST_F(VerifyAuditTest, ChainThatHoldsExits0AndSaysWhereItEnds) {
  const std::string head = MakeStore("store", 3);
  EXPECT_THAT(head, StartsWith("3:"));
  for (const std::string& known : {std::string(), head}) {
    const AuditVerdict verdict = VerifyAudit(Location("store"), known);
    EXPECT_EQ(verdict.exit_code, 0) << verdict.line;
    EXPECT_THAT(verdict.line, HasSubstr(head));
  }
}

TEST_F(VerifyAuditTest, ChainThatIsNotTheKnownOneExits1) {
  const std::string longer = MakeStore("longer", 4);
  const std::string other = MakeStore("other", 3);
  MakeStore("store", 3);
  const AuditVerdict cut = VerifyAudit(Location("store"), longer);
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_THAT(cut.line, HasSubstr("record 4: missing"));
  const AuditVerdict forged = VerifyAudit(Location("store"), other);
  EXPECT_EQ(forged.exit_code, 1);
  EXPECT_THAT(forged.line, HasSubstr("record 3: not the one"));
}

TEST_F(VerifyAuditTest, WhatCannotBeToldExits2AndNamesTheFlag) {
  MakeStore("store", 1);
  for (const std::string& location :
       {std::string(), std::string("memory:"), std::string("rocksdb:"), Location("none")}) {
    const AuditVerdict verdict = VerifyAudit(location, "");
    EXPECT_EQ(verdict.exit_code, 2) << location;
    EXPECT_THAT(verdict.line, StartsWith("--store: ")) << location;
  }
  for (const std::string known : {"1", "1:", "x:00", ":", "1:0g", "-1:00"}) {
    const AuditVerdict verdict = VerifyAudit(Location("store"), known);
    EXPECT_EQ(verdict.exit_code, 2) << known;
    EXPECT_THAT(verdict.line, StartsWith("--audit_head: ")) << known;
  }
}

TEST(AuditHead, ComesBackFromItsText) {
  storage::AuditHead head;
  head.sequence = 42;
  head.hash.fill(0xa5);
  EXPECT_EQ(ParseAuditHead(FormatAuditHead(head)), head);
  std::string text = FormatAuditHead(head);
  text.back() = 'g';
  EXPECT_EQ(ParseAuditHead(text), std::nullopt);
}

}  // namespace
}  // namespace tokens
