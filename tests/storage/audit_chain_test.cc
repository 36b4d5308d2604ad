// The chain shows every change to what it holds.
#include "storage/audit_chain.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "storage/stored_audit_codec.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using storage::AuditAction;
using storage::AuditEntry;
using storage::AuditHead;
using storage::AuditRecord;
using storage::CheckLink;
using storage::Link;

AuditEntry Entry() { return {At(1), AuditAction::kMint, kOperator, kAlice, "0011", "widget"}; }

std::vector<AuditRecord> Chain(int length) {
  std::vector<AuditRecord> records;
  AuditHead head;
  for (int i = 0; i < length; ++i) {
    records.push_back(Link(head, Entry()));
    head = HeadAfter(records.back());
  }
  return records;
}

absl::Status Verify(const std::vector<AuditRecord>& records) {
  AuditHead head;
  for (const AuditRecord& record : records) {
    if (absl::Status status = CheckLink(head, record); !status.ok()) return status;
    head = HeadAfter(record);
  }
  return absl::OkStatus();
}

TEST(AuditChain, HoldsAsItWasMade) {
  const std::vector<AuditRecord> records = Chain(5);
  EXPECT_EQ(records.front().sequence, 1u);
  EXPECT_EQ(Verify(records), absl::OkStatus());
}

TEST(AuditChain, HashIsTheOneThatTheHeaderDescribes) {
  // Made by a script of its own from the description in audit_chain.h.
  const AuditRecord record = Link({}, Entry());
  EXPECT_EQ(absl::BytesToHexString(std::string(record.hash.begin(), record.hash.end())),
            "6623df47183173a6ff93c3d119c7c68ffb5e6787fe0c1e40db27dea0994d56a4");
}

TEST(AuditChain, EveryFieldIsUnderTheHash) {
  const std::pair<const char*, std::function<void(AuditEntry&)>> changes[] = {
      {"time", [](AuditEntry& entry) { entry.time += kTick; }},
      {"action", [](AuditEntry& entry) { entry.action = AuditAction::kRevoke; }},
      {"caller", [](AuditEntry& entry) { entry.by.caller += "x"; }},
      {"request id", [](AuditEntry& entry) { entry.by.request_id = ""; }},
      {"did", [](AuditEntry& entry) { entry.did = kBob; }},
      {"token id", [](AuditEntry& entry) { entry.token_id = "0012"; }},
      {"outcome", [](AuditEntry& entry) { entry.outcome = "Widget"; }},
      {"border of two fields",
       [](AuditEntry& entry) {
         entry.token_id = "001";
         entry.outcome = "1widget";
       }},
  };
  for (const auto& [name, change] : changes) {
    std::vector<AuditRecord> records = Chain(3);
    change(records[1].entry);
    const absl::Status status = Verify(records);
    EXPECT_TRUE(absl::IsDataLoss(status)) << name;
    EXPECT_TRUE(absl::StartsWith(status.message(), "record 2:")) << status;
  }
}

TEST(AuditChain, RecordTakenOutMovedOrMadeAnewIsNamed) {
  std::vector<AuditRecord> records = Chain(5);
  records.erase(records.begin() + 2);
  EXPECT_TRUE(absl::StartsWith(Verify(records).message(), "record 3: missing")) << Verify(records);

  records = Chain(5);
  std::swap(records[1], records[2]);
  std::swap(records[1].sequence, records[2].sequence);
  EXPECT_TRUE(absl::StartsWith(Verify(records).message(), "record 2: its hash")) << Verify(records);

  records = Chain(5);
  AuditEntry other = Entry();
  other.did = kBob;
  records[1] = Link(HeadAfter(records[0]), other);
  EXPECT_TRUE(absl::StartsWith(Verify(records).message(), "record 3: its hash")) << Verify(records);
}

AuditEntry Restored(absl::Time at) { return {at, AuditAction::kRestored, kOperator, "", "", "backup 1"}; }

TEST(AuditChain, RestorationTakesItsInstantAsItsNumberAndTheChainGoesOnFromThere) {
  std::vector<AuditRecord> records = Chain(3);
  records.push_back(Link(HeadAfter(records.back()), Restored(At(5))));
  EXPECT_EQ(records.back().sequence, 1'700'000'005'000'000u);
  records.push_back(Link(HeadAfter(records.back()), Entry()));
  EXPECT_EQ(records.back().sequence, 1'700'000'005'000'001u);
  EXPECT_EQ(Verify(records), absl::OkStatus());
}

TEST(AuditChain, RestorationByAClockBehindGoesOnByOne) {
  const AuditHead head = {2'000'000'000'000'000, {}};
  EXPECT_EQ(Link(head, Restored(At(5))).sequence, head.sequence + 1);
  EXPECT_EQ(Link({}, Restored(absl::FromUnixSeconds(-1))).sequence, 1u);
  EXPECT_EQ(CheckLink(head, Link(head, Restored(At(5)))), absl::OkStatus());
}

TEST(AuditChain, NothingButARestorationJumpsAndThatOnlyToItsInstant) {
  const AuditHead head = HeadAfter(Chain(1).front());
  // A record that is right but for its number: the hash is over the number too, so take it from a head elsewhere.
  AuditRecord jump = Link({41, head.hash}, Entry());
  EXPECT_TRUE(absl::StartsWith(CheckLink(head, jump).message(), "record 2: missing; the next is 42"));
  jump = Link({1'700'000'006'000'000, head.hash}, Restored(At(5)));
  EXPECT_TRUE(absl::IsDataLoss(CheckLink(head, jump)));
}

TEST(StoredAuditCodec, GivesBackWhatItWasGiven) {
  const AuditRecord record = Chain(1).front();
  EXPECT_EQ(storage::DecodeAudit(1, storage::EncodeAudit(record)).value(), record);
}

TEST(StoredAuditCodec, AnyChangedByteIsSeenByItOrByTheChain) {
  const AuditRecord record = Chain(1).front();
  const std::string bytes = storage::EncodeAudit(record);
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto decoded = storage::DecodeAudit(1, changed);
    EXPECT_FALSE(decoded.ok() && CheckLink({}, *decoded).ok()) << at;
  }
}

TEST(StoredAuditCodec, FieldsThatItDoesNotKnowAreDataLoss) {
  const std::string bytes = storage::EncodeAudit(Chain(1).front());
  EXPECT_TRUE(absl::IsDataLoss(storage::DecodeAudit(1, bytes + "\x98\x06\x01").status()));
  EXPECT_TRUE(absl::IsDataLoss(storage::DecodeAudit(1, "").status()));
}

}  // namespace
}  // namespace tokens::testing
