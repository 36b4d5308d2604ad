// What the proof of an audit finds in a chain and the checkpoints beside it.
#include "storage/audit_proof.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "storage/stored_audit_codec.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using storage::AuditCheckpoint;
using storage::AuditExpectations;
using storage::AuditHead;
using storage::AuditProof;
using storage::AuditRecord;
using storage::ProvenAudit;

AuditCheckpoint CheckpointOf(const AuditRecord& record) {
  AuditCheckpoint checkpoint = {HeadAfter(record), At(1) + absl::Microseconds(7), "0123456789abcdef", {}};
  checkpoint.signature.fill(0x5a);
  return checkpoint;
}

// Six records, of which the second and the fourth are signed.
struct Audit {
  std::vector<AuditRecord> records;
  std::vector<AuditCheckpoint> checkpoints;

  Audit() {
    AuditHead head;
    for (int i = 0; i < 6; ++i) {
      records.push_back(Link(head, {At(i), storage::AuditAction::kMint, kOperator, kAlice, "00", "widget"}));
      head = HeadAfter(records.back());
    }
    checkpoints = {CheckpointOf(records[1]), CheckpointOf(records[3])};
  }

  // As a store brings them.
  absl::StatusOr<ProvenAudit> Prove(const AuditExpectations& expectations = {}) const {
    AuditProof proof(expectations);
    auto checkpoint = checkpoints.begin();
    const auto add_up_to = [&](uint64_t sequence) {
      for (; checkpoint != checkpoints.end() && checkpoint->head.sequence <= sequence; ++checkpoint) {
        if (absl::Status status = proof.AddCheckpoint(*checkpoint); !status.ok()) return status;
      }
      return absl::OkStatus();
    };
    for (const AuditRecord& record : records) {
      if (absl::Status status = proof.AddRecord(record); !status.ok()) return status;
      if (absl::Status status = add_up_to(record.sequence); !status.ok()) return status;
    }
    if (absl::Status status = add_up_to(UINT64_MAX); !status.ok()) return status;
    if (absl::Status status = proof.Finish(); !status.ok()) return status;
    return proof.proven();
  }
};

TEST(AuditProof, SaysWhereItEndsAndUpToWhereItIsSigned) {
  const Audit audit;
  const auto proven = audit.Prove();
  ASSERT_TRUE(proven.ok()) << proven.status();
  EXPECT_EQ(proven->head, HeadAfter(audit.records.back()));
  EXPECT_EQ(proven->last_checkpoint, audit.checkpoints.back());
  EXPECT_EQ(proven->records_after, 2u);
}

TEST(AuditProof, WithoutCheckpointsNoRecordIsSigned) {
  Audit audit;
  audit.checkpoints.clear();
  const auto proven = audit.Prove();
  ASSERT_TRUE(proven.ok()) << proven.status();
  EXPECT_EQ(proven->last_checkpoint, std::nullopt);
  EXPECT_EQ(proven->records_after, 6u);
}

TEST(AuditProof, NamesTheFirstThatIsBroken) {
  const struct {
    const char* what;
    std::function<void(Audit&)> change;
    const char* message;
  } cases[] = {
      {"a changed record", [](Audit& a) { a.records[2].entry.did = kBob; }, "record 3: its hash"},
      {"a record taken out", [](Audit& a) { a.records.erase(a.records.begin() + 2); }, "record 3: missing"},
      {"the end cut off below a checkpoint", [](Audit& a) { a.records.resize(3); }, "record 4: missing; 4 was signed"},
      {"all records cut off", [](Audit& a) { a.records.clear(); }, "record 1: missing; 2 was signed"},
      {"history made anew",
       [](Audit& a) {
         AuditHead head;
         for (AuditRecord& record : a.records) {
           record.entry.did = kBob;
           record = Link(head, record.entry);
           head = HeadAfter(record);
         }
       },
       "checkpoint 2: another record was signed"},
      {"another hash in a checkpoint", [](Audit& a) { a.checkpoints[1].head.hash[31] ^= 1; },
       "checkpoint 4: another record was signed"},
      {"a checkpoint of no record", [](Audit& a) { a.checkpoints[0].head.sequence = 0; },
       "checkpoint 0: there is no such record"},
      {"a checkpoint of a record to come", [](Audit& a) { a.checkpoints[1].head.sequence = 9; },
       "record 7: missing; 9 was signed"},
  };
  for (const auto& [what, change, message] : cases) {
    Audit audit;
    change(audit);
    const absl::Status status = audit.Prove().status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << what << ": " << status;
    EXPECT_TRUE(absl::StartsWith(status.message(), message)) << what << ": " << status;
  }
}

TEST(AuditProof, EverySignatureIsJudgedAndABadOneEndsIt) {
  const Audit audit;
  std::vector<uint64_t> judged;
  AuditExpectations expectations;
  expectations.check_signature = [&](const AuditCheckpoint& checkpoint) {
    judged.push_back(checkpoint.head.sequence);
    return absl::OkStatus();
  };
  EXPECT_TRUE(audit.Prove(expectations).ok());
  EXPECT_EQ(judged, (std::vector<uint64_t>{2, 4}));
  expectations.check_signature = [](const AuditCheckpoint& checkpoint) {
    return checkpoint.head.sequence == 4 ? absl::DataLossError("forged") : absl::OkStatus();
  };
  EXPECT_EQ(audit.Prove(expectations).status(), absl::DataLossError("forged"));
}

TEST(AuditProof, KnownEndMustBeThere) {
  Audit audit;
  const AuditHead known = HeadAfter(audit.records[4]);
  EXPECT_TRUE(audit.Prove({known, {}}).ok());
  EXPECT_TRUE(audit.Prove({AuditHead(), {}}).ok()) << "every audit once was empty";
  audit.records.resize(4);
  EXPECT_EQ(audit.Prove({known, {}}).status().message(), "record 5: missing; 5 is known to have been there");
  audit = Audit();
  audit.records[4].hash[0] ^= 1;
  audit.records.resize(5);
  EXPECT_FALSE(audit.Prove({known, {}}).ok());
  AuditHead never = known;
  never.sequence = 0;
  EXPECT_FALSE(Audit().Prove({never, {}}).ok());
}

TEST(AuditCheckpoint, SignsTheBytesThatTheHeaderDescribes) {
  // Made by a script of its own from the description in audit_checkpoint.h.
  AuditCheckpoint checkpoint = {{42, {}}, At(1) + absl::Microseconds(7), "06e3fd8fda29bb60", {}};
  checkpoint.head.hash.fill(0xa5);
  EXPECT_EQ(absl::BytesToHexString(CheckpointBytes(checkpoint)),
            "6469647069632e746f6b656e2e76312e61756469742e636865636b706f696e7400000000000000002aa5a5a5a5a5a5a5a5a5a5a5a5"
            "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a500060a24182d824730366533666438666461323962623630");
}

TEST(StoredAuditCodec, CheckpointComesBackAndNoChangedByteGoesUnseen) {
  const AuditCheckpoint checkpoint = CheckpointOf(Audit().records[1]);
  const std::string bytes = EncodeCheckpoint(checkpoint);
  EXPECT_EQ(storage::DecodeCheckpoint(2, bytes).value(), checkpoint);
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto decoded = storage::DecodeCheckpoint(2, changed);
    EXPECT_TRUE(!decoded.ok() || *decoded != checkpoint) << at;
  }
  for (const std::string& bad : {std::string(), std::string("x"), bytes + "\x98\x06\x01"}) {
    const absl::Status status = storage::DecodeCheckpoint(2, bad).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_TRUE(absl::StartsWith(status.message(), "checkpoint 2:")) << status;
  }
}

}  // namespace
}  // namespace tokens::testing
