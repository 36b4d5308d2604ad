// Every audited action and its record are done together or not at all.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/rocksdb_token_store.h"
#include "tests/storage/rocksdb_options_for_test.h"
#include "tests/storage/test_records.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {
namespace {

using storage::AuditAction;
using storage::AuditHead;
using storage::RocksDbTokenStore;

// An audited action on a store that holds token 1 and session 1, both Alice's.
struct Action {
  AuditAction action;
  std::function<absl::Status(RocksDbTokenStore&)> act;
  std::function<bool(RocksDbTokenStore&)> is_done;
};

const std::vector<Action>& Actions() {
  static const auto* actions = new std::vector<Action>{
      {AuditAction::kMint, [](RocksDbTokenStore& store) { return store.Insert(New(2)).status(); },
       [](RocksDbTokenStore& store) { return store.Find(Digest(2)).ok(); }},
      {AuditAction::kRevoke,
       [](RocksDbTokenStore& store) { return store.Revoke(Digest(1), At(1), kOperator).status(); },
       [](RocksDbTokenStore& store) { return store.Find(Digest(1))->revoke_time.has_value(); }},
      {AuditAction::kRevokeAll,
       [](RocksDbTokenStore& store) { return store.RevokeAll(kAlice, At(1), kOperator).status(); },
       [](RocksDbTokenStore& store) { return store.Find(Digest(1))->revoke_time.has_value(); }},
      {AuditAction::kSetAccountStatus,
       [](RocksDbTokenStore& store) {
         return store.SetAccountStatus(kAlice, storage::AccountStatus::kTakedown, At(1), kOperator).status();
       },
       [](RocksDbTokenStore& store) { return store.FindAccount(kAlice)->status == storage::AccountStatus::kTakedown; }},
      {AuditAction::kSessionCreate, [](RocksDbTokenStore& store) { return store.Begin(NewSessionOf(2)).status(); },
       [](RocksDbTokenStore& store) { return store.FindSession(SessionIdOf(2)).ok(); }},
      {AuditAction::kSessionDelete,
       [](RocksDbTokenStore& store) { return store.EndSession(SessionIdOf(1), At(1), kOperator).status(); },
       [](RocksDbTokenStore& store) { return store.FindSession(SessionIdOf(1))->ended; }},
      {AuditAction::kPolicyReload,
       [](RocksDbTokenStore& store) {
         return store.AppendAudit({At(1), AuditAction::kPolicyReload, kOperator, "", "", "adopted"});
       },
       [](RocksDbTokenStore& store) { return store.ReadAuditHead()->sequence == 3; }},
  };
  return *actions;
}

class RocksDbAuditFailure : public ::testing::Test {
 protected:
  void Open() {
    storage::RocksDbOptions options = OptionsIn(directory_->path());
    options.free_space_reserve_bytes = 1;
    options.free_space = [this]() -> absl::StatusOr<uint64_t> { return free_; };
    auto store = RocksDbTokenStore::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  void MakeStore() {
    store_ = nullptr;
    directory_ = std::make_unique<TempDirectory>();
    Open();
    ASSERT_TRUE(store_->Insert(New(1)).ok());
    ASSERT_TRUE(store_->Begin(NewSessionOf(1)).ok());
  }
  AuditHead Head() { return store_->ReadAuditHead().value(); }

  uint64_t free_ = 1;
  std::unique_ptr<TempDirectory> directory_;
  std::unique_ptr<RocksDbTokenStore> store_;
};

TEST_F(RocksDbAuditFailure, WhatCannotBeAuditedIsNotDone) {
  for (const Action& action : Actions()) {
    SCOPED_TRACE(AuditActionName(action.action));
    MakeStore();
    const AuditHead before = Head();
    free_ = 0;
    EXPECT_TRUE(absl::IsResourceExhausted(action.act(*store_)));
    EXPECT_FALSE(action.is_done(*store_));
    EXPECT_EQ(Head(), before);
    free_ = 1;
    EXPECT_EQ(action.act(*store_), absl::OkStatus());
    EXPECT_TRUE(action.is_done(*store_));
    const auto records = store_->ReadAudit(before.sequence, 9);
    ASSERT_TRUE(records.ok()) << records.status();
    ASSERT_EQ(records->size(), 1u);
    EXPECT_EQ(records->front().entry.action, action.action);
  }
}

// Cuts the log after every byte of the action's write: what is left of it has both or neither.
TEST_F(RocksDbAuditFailure, ACrashLeavesTheActionAndItsRecordOrNeither) {
  for (const Action& action : Actions()) {
    SCOPED_TRACE(AuditActionName(action.action));
    MakeStore();
    const AuditHead before = Head();
    const auto log_size = [&] {
      for (const auto& file : std::filesystem::directory_iterator(directory_->path())) {
        if (file.path().extension() == ".log") return file.file_size();
      }
      return std::uintmax_t{0};
    };
    const std::uintmax_t size_before = log_size();
    ASSERT_EQ(action.act(*store_), absl::OkStatus());
    const std::uintmax_t size_after = log_size();
    ASSERT_GT(size_after, size_before);
    TempDirectory copies;
    for (int part = 0; part <= 4; ++part) {
      const std::uintmax_t size = size_before + (size_after - size_before) * part / 4;
      SCOPED_TRACE(size);
      const std::string copy = copies / std::to_string(size);
      std::filesystem::copy(directory_->path(), copy);
      for (const auto& file : std::filesystem::directory_iterator(copy)) {
        if (file.path().extension() == ".log") std::filesystem::resize_file(file.path(), size);
      }
      auto cut = RocksDbTokenStore::Open(OptionsIn(copy));
      ASSERT_TRUE(cut.ok()) << cut.status();
      const bool is_audited = (*cut)->ReadAuditHead()->sequence > before.sequence;
      EXPECT_EQ(action.is_done(**cut), is_audited);
      EXPECT_EQ(is_audited, size == size_after);
    }
  }
}

}  // namespace
}  // namespace tokens::testing
