// What refused calls leave in the audit.
#include "token_service/refusal_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/memory_token_store.h"
#include "tests/support/faulty_audit_log.h"

namespace tokens {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr absl::Time kNow = absl::FromUnixMicros(1'700'000'000'000'007);

RefusedCall Refused(const std::string& caller, const std::string& method, int number = 0) {
  return {caller, method, "ROLE_MISSING", absl::StrCat("r", number),
          kNow + absl::Seconds(number) + absl::Nanoseconds(1)};
}

class RefusalRecorderTest : public ::testing::Test {
 protected:
  std::vector<storage::AuditEntry> Entries() {
    std::vector<storage::AuditEntry> entries;
    const std::vector<storage::AuditRecord> records = memory_.ReadAudit(0, 10'000).value();
    for (const storage::AuditRecord& record : records) entries.push_back(record.entry);
    return entries;
  }
  std::vector<std::string> Outcomes() {
    std::vector<std::string> outcomes;
    for (const storage::AuditEntry& entry : Entries()) outcomes.push_back(entry.outcome);
    return outcomes;
  }
  // How many calls the records stand for.
  int Total() {
    int total = 0;
    for (const std::string& outcome : Outcomes()) total += std::stoi(outcome.substr(outcome.rfind(' ')));
    return total;
  }

  storage::MemoryTokenStore memory_;
  testing::FaultyAuditLog audit_{memory_};
};

TEST_F(RefusalRecorderTest, TheFirstIsWrittenAtOnceWithWhoWhatWhyAndWhen) {
  RefusalRecorder refusals(audit_);
  refusals.Note(Refused("spiffe://example.org/auditor", "SetAccountStatus"));
  audit_.AwaitWrites(1);
  EXPECT_THAT(Entries(), ElementsAre(storage::AuditEntry{kNow,
                                                         storage::AuditAction::kRefusedAdminCall,
                                                         {"spiffe://example.org/auditor", "r0"},
                                                         "",
                                                         "",
                                                         "SetAccountStatus ROLE_MISSING 1"}));
}

TEST_F(RefusalRecorderTest, ThoseThatFollowAreCountedIntoOneRecord) {
  RefusalRecorder refusals(audit_);
  refusals.Note(Refused("a", "Export"));
  audit_.AwaitWrites(1);
  for (int number = 1; number <= 1000; ++number) refusals.Note(Refused("a", "Export", number));
  refusals.Note(Refused("b", "GetAccount"));
  audit_.AwaitWrites(2);
  ASSERT_THAT(Outcomes(), ElementsAre("Export ROLE_MISSING 1", "GetAccount ROLE_MISSING 1"))
      << "they wait for the minute";
  refusals.Flush();
  ASSERT_THAT(Outcomes(), SizeIs(3));
  EXPECT_EQ(Entries().back().outcome, "Export ROLE_MISSING 1000");
  EXPECT_EQ(Entries().back().time, kNow + absl::Seconds(1000));
  EXPECT_EQ(Entries().back().by.request_id, "r1000");
  refusals.Flush();
  EXPECT_THAT(Outcomes(), SizeIs(3)) << "nothing new";
}

TEST_F(RefusalRecorderTest, EachCallerMethodAndReasonHasItsOwn) {
  {
    RefusalRecorder refusals(audit_);
    refusals.Note(Refused("a", "Export"));
    refusals.Note(Refused("b", "Export"));
    refusals.Note(Refused("a", "GetAccount"));
    RefusedCall expired = Refused("a", "Export");
    expired.reason = "CERTIFICATE_EXPIRED";
    refusals.Note(expired);
  }
  EXPECT_THAT(Outcomes(), UnorderedElementsAre("Export ROLE_MISSING 1", "Export ROLE_MISSING 1",
                                               "GetAccount ROLE_MISSING 1", "Export CERTIFICATE_EXPIRED 1"));
}

TEST_F(RefusalRecorderTest, AFloodOfNamesIsCountedTogether) {
  {
    RefusalRecorder refusals(audit_, /*max_kinds=*/2);
    for (int number = 0; number < 500; ++number) refusals.Note(Refused(absl::StrCat("caller", number), "Export"));
    EXPECT_LE(Outcomes().size(), 2u);
  }
  ASSERT_THAT(Outcomes(), UnorderedElementsAre("Export ROLE_MISSING 1", "Export ROLE_MISSING 1", "OTHERS 498"));
}

TEST_F(RefusalRecorderTest, AKindThatWasQuietIsForgottenAndThenNewAgain) {
  RefusalRecorder refusals(audit_, /*max_kinds=*/1);
  refusals.Note(Refused("a", "Export"));
  audit_.AwaitWrites(1);
  refusals.Flush();  // Forgets it.
  refusals.Note(Refused("b", "Export"));
  audit_.AwaitWrites(2);
  EXPECT_THAT(Outcomes(), ElementsAre("Export ROLE_MISSING 1", "Export ROLE_MISSING 1"));
}

TEST_F(RefusalRecorderTest, WhatCannotBeWrittenIsCountedOn) {
  {
    RefusalRecorder refusals(audit_);
    audit_.FailWrites(absl::ResourceExhaustedError("full"));
    for (int number = 0; number < 3; ++number) {
      refusals.Note(Refused("a", "Export", number));
      refusals.Flush();
    }
    EXPECT_THAT(Outcomes(), IsEmpty());
    audit_.FailWrites(absl::OkStatus());
  }
  EXPECT_EQ(Total(), 3);
}

TEST_F(RefusalRecorderTest, ACleanStopLosesNone) {
  {
    RefusalRecorder refusals(audit_);
    for (int number = 0; number < 10; ++number) refusals.Note(Refused("a", "Export", number));
  }
  EXPECT_EQ(Total(), 10);
}

TEST_F(RefusalRecorderTest, ANameThatTheClientCaShouldNotHaveSignedDoesNotSpoilTheAudit) {
  {
    RefusalRecorder refusals(audit_);
    refusals.Note(Refused("spiffe:\xff\n:" + std::string(5000, 'x'), "Export"));
  }
  ASSERT_THAT(Entries(), SizeIs(1));
  const std::string caller = Entries().front().by.caller;
  EXPECT_EQ(caller.substr(0, 11), "spiffe:??:x");
  EXPECT_EQ(caller.size(), 256u);
}

}  // namespace
}  // namespace tokens
