#ifndef TESTS_STORAGE_TOKEN_STORE_CONFORMANCE_H_
#define TESTS_STORAGE_TOKEN_STORE_CONFORMANCE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/token_store.h"
#include "tests/storage/store_backend.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {

// What a TokenStore is: every sentence of storage/token_store.h, on every backend. The tests are in the files
// token_store_*_test.cc, by what they are about; each instantiates the suite for its own.
class TokenStoreConformance : public ::testing::TestWithParam<BackendCase> {
 protected:
  using TokenStore = storage::TokenStore;
  using NewToken = storage::NewToken;
  using Kind = storage::InsertOutcome::Kind;

  void SetUp() override { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }

  TokenStore& store() { return backend_->store(); }
  absl::Status Reopen() { return backend_->Reopen(); }

  Kind Insert(const NewToken& token) {
    const absl::StatusOr<storage::InsertOutcome> outcome = store().Insert(token);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value().kind;
  }
  std::optional<absl::Time> RevokeTime(uint32_t number) { return store().Find(Digest(number)).value().revoke_time; }
  absl::StatusCode FindCode(uint32_t number) { return store().Find(Digest(number)).status().code(); }
  bool Revoke(uint32_t number, absl::Time at) { return store().Revoke(Digest(number), at, kOperator).value(); }
  int RevokeAll(const std::string& did, absl::Time at) { return store().RevokeAll(did, at, kOperator).value(); }
  std::optional<absl::Time> LastUse(uint32_t number) { return store().Find(Digest(number)).value().last_use_time; }
  void Use(uint32_t number, absl::Time at) { ASSERT_EQ(store().RecordUses({{Digest(number), at}}), absl::OkStatus()); }
  bool SetStatus(const std::string& did, storage::AccountStatus status, absl::Time at) {
    return store().SetAccountStatus(did, status, at, kOperator).value();
  }
  storage::AccountStatus StatusOf(uint32_t number) { return store().Find(Digest(number)).value().account_status; }
  void SweepTokens(absl::Time ended) { ASSERT_EQ(store().Sweep({ended, absl::InfinitePast()}), absl::OkStatus()); }
  void SweepKeys(absl::Time expired) { ASSERT_EQ(store().Sweep({absl::InfinitePast(), expired}), absl::OkStatus()); }
  std::vector<storage::TokenDigest> Listed(const std::string& did) {
    std::vector<storage::TokenDigest> digests;
    const storage::ListPage page = store().List(did, std::nullopt, 1000).value();
    for (const storage::TokenRecord& record : page.records) digests.push_back(record.digest);
    return digests;
  }

 private:
  std::unique_ptr<StoreBackend> backend_ = GetParam().make();
};

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_TOKEN_STORE_CONFORMANCE_H_
