#include "tests/support/faulty_token_store.h"

#include <gtest/gtest.h>

#include "storage/memory_token_store.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

TEST(FaultyTokenStore, FailsTheCallsItIsToldToAndNoOthers) {
  storage::MemoryTokenStore memory;
  FaultyTokenStore store(memory);
  store.Fail(FaultyTokenStore::Call::kInsert, absl::UnavailableError("fault"));
  EXPECT_EQ(store.Insert(New(1)).status(), absl::UnavailableError("fault"));
  EXPECT_FALSE(memory.Find(Digest(1)).ok()) << "the fault comes before the store";
  EXPECT_EQ(store.Find(Digest(1)).status().code(), absl::StatusCode::kNotFound);
  store.Fail(FaultyTokenStore::Call::kInsert, absl::OkStatus());
  EXPECT_TRUE(store.Insert(New(1)).ok());
}

TEST(FaultyTokenStore, FailsEveryCall) {
  storage::MemoryTokenStore memory;
  FaultyTokenStore store(memory);
  const absl::Status fault = absl::DataLossError("fault");
  store.FailEverything(fault);
  EXPECT_EQ(store.Insert(New(1)).status(), fault);
  EXPECT_EQ(store.Find(Digest(1)).status(), fault);
  EXPECT_EQ(store.FindById("id").status(), fault);
  EXPECT_EQ(store.Revoke(Digest(1), At(1), kOperator).status(), fault);
  EXPECT_EQ(store.RevokeAll(kAlice, At(1), kOperator).status(), fault);
  EXPECT_EQ(store.RecordUses({}), fault);
  EXPECT_EQ(store.SetAccountStatus(kAlice, storage::AccountStatus::kTakedown, At(1), kOperator).status(), fault);
  EXPECT_EQ(store.FindAccount(kAlice).status(), fault);
  EXPECT_EQ(store.List(kAlice, std::nullopt, 1).status(), fault);
  EXPECT_EQ(store.Sweep({}), fault);
}

}  // namespace
}  // namespace tokens::testing
