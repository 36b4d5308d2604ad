// Every call passes through and its failures are told, whichever it is.
#include "storage/metered_store.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using namespace storage;  // NOLINT: every name of the contract is used here

// Fails every call with one status.
class BrokenStore final : public Store {
 public:
  explicit BrokenStore(absl::Status fault) : fault_(std::move(fault)) {}
  absl::StatusOr<InsertOutcome> Insert(const NewToken&) override { return fault_; }
  absl::StatusOr<bool> SpendSingleUseId(const std::string&, const OneTimeKey&, absl::Time) override { return fault_; }
  absl::StatusOr<TokenRecord> Find(const TokenDigest&) override { return fault_; }
  absl::StatusOr<TokenDigest> FindById(const std::string&) override { return fault_; }
  absl::StatusOr<bool> Revoke(const TokenDigest&, absl::Time, const Actor&) override { return fault_; }
  absl::StatusOr<int> RevokeAll(const std::string&, absl::Time, const Actor&) override { return fault_; }
  absl::Status RecordUses(const std::vector<TokenUse>&) override { return fault_; }
  absl::StatusOr<bool> SetAccountStatus(const std::string&, AccountStatus, absl::Time, const Actor&) override {
    return fault_;
  }
  absl::StatusOr<Account> FindAccount(const std::string&) override { return fault_; }
  absl::StatusOr<ListPage> List(const std::string&, const std::optional<ListCursor>&, int) override { return fault_; }
  absl::Status Sweep(const SweepCutoffs&) override { return fault_; }
  absl::StatusOr<BeginOutcome> Begin(const NewSession&) override { return fault_; }
  absl::StatusOr<RotateOutcome> Rotate(const Rotation&) override { return fault_; }
  absl::StatusOr<SessionRecord> FindSession(const SessionId&) override { return fault_; }
  absl::StatusOr<bool> EndSession(const SessionId&, absl::Time, const Actor&) override { return fault_; }
  absl::Status AppendAudit(const AuditEntry&) override { return fault_; }
  absl::StatusOr<std::vector<AuditRecord>> ReadAudit(uint64_t, int) override { return fault_; }
  absl::StatusOr<AuditHead> ReadAuditHeadAt(uint64_t) override { return fault_; }
  absl::Status WriteCheckpoint(const AuditCheckpoint&) override { return fault_; }
  absl::StatusOr<std::vector<AuditCheckpoint>> ReadCheckpoints(uint64_t, int) override { return fault_; }
  absl::StatusOr<std::unique_ptr<BackupFolder>> OpenBackups(const BackupOptions&) override { return fault_; }
  StoreStats ReadStats() override { return {42, std::nullopt}; }

 private:
  const absl::Status fault_;
};

std::vector<std::function<absl::Status(Store&)>> EveryCall() {
  return {
      [](Store& s) { return s.Insert(New(1)).status(); },
      [](Store& s) {
        return s.SpendSingleUseId("did", {"key", At(1)}, At(0)).status();
      },
      [](Store& s) { return s.Find(Digest(1)).status(); },
      [](Store& s) { return s.FindById("id").status(); },
      [](Store& s) { return s.Revoke(Digest(1), At(1), kOperator).status(); },
      [](Store& s) { return s.RevokeAll("did", At(1), kOperator).status(); },
      [](Store& s) { return s.RecordUses({}); },
      [](Store& s) { return s.SetAccountStatus("did", AccountStatus::kTakedown, At(1), kOperator).status(); },
      [](Store& s) { return s.FindAccount("did").status(); },
      [](Store& s) { return s.List("did", std::nullopt, 1).status(); },
      [](Store& s) {
        return s.Sweep({At(1), At(1)});
      },
      [](Store& s) { return s.Begin({}).status(); },
      [](Store& s) { return s.Rotate({}).status(); },
      [](Store& s) { return s.FindSession({}).status(); },
      [](Store& s) { return s.EndSession({}, At(1), kOperator).status(); },
      [](Store& s) { return s.AppendAudit({}); },
      [](Store& s) { return s.ReadAudit(0, 1).status(); },
      [](Store& s) { return s.ReadAuditHead().status(); },
      [](Store& s) { return s.WriteCheckpoint({}); },
      [](Store& s) { return s.ReadCheckpoints(0, 1).status(); },
  };
}

TEST(MeteredStoreTest, TellsTheFailureOfEveryCallAndPassesItOn) {
  for (const absl::Status& fault :
       {absl::UnavailableError("disk"), absl::DataLossError("damaged"), absl::ResourceExhaustedError("full")}) {
    std::vector<absl::StatusCode> told;
    MeteredStore store(std::make_unique<BrokenStore>(fault), [&](absl::StatusCode code) { told.push_back(code); });
    for (const auto& call : EveryCall()) EXPECT_EQ(call(store), fault);
    EXPECT_EQ(told, std::vector<absl::StatusCode>(EveryCall().size(), fault.code()));
  }
}

TEST(MeteredStoreTest, WhatIsNoFailureIsNotTold) {
  for (const absl::Status& answer : {absl::NotFoundError("no such token"), absl::InvalidArgumentError("bad")}) {
    MeteredStore store(std::make_unique<BrokenStore>(answer), [](absl::StatusCode) { ADD_FAILURE(); });
    for (const auto& call : EveryCall()) EXPECT_EQ(call(store), answer);
  }
}

TEST(MeteredStoreTest, StatsAreThoseOfTheStoreBehindIt) {
  MeteredStore store(std::make_unique<BrokenStore>(absl::UnavailableError("disk")), [](absl::StatusCode) {});
  EXPECT_EQ(store.ReadStats().live_tokens, 42u);
}

}  // namespace
}  // namespace tokens::testing
