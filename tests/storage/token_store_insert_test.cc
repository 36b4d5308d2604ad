// TokenStore on every backend: Insert, Find and FindById.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "tests/storage/token_store_conformance.h"

namespace tokens::testing {
namespace {

using storage::InsertOutcome;
using storage::OneTimeKey;
using ::testing::ElementsAre;

INSTANTIATE_TEST_SUITE_P(Backends, TokenStoreConformance, EveryBackend(), BackendName);

TEST_P(TokenStoreConformance, InsertedRecordIsFoundUnchanged) {
  const absl::StatusOr<InsertOutcome> outcome = store().Insert(New(1));
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->kind, Kind::kInserted);
  EXPECT_EQ(outcome->earlier, std::nullopt);
  EXPECT_EQ(store().Find(Digest(1)).value(), Record(1));
}

TEST_P(TokenStoreConformance, FieldsMayBeEmptyOrStrangeWhereNoRuleForbids) {
  NewToken token = New(1);
  token.record.label = "";
  token.record.client_id = std::string("\0\xff\n", 3);
  token.record.did = "\xff\xff";
  token.record.issue_time = absl::UnixEpoch() - absl::Hours(24 * 365 * 100) - kTick;
  token.record.expire_time = absl::FromUnixMicros(std::numeric_limits<int64_t>::max());
  ASSERT_EQ(Insert(token), Kind::kInserted);
  EXPECT_EQ(store().Find(Digest(1)).value(), token.record);
  EXPECT_THAT(store().List(token.record.did, std::nullopt, 1)->records, ElementsAre(token.record));
}

TEST_P(TokenStoreConformance, UnknownTokenIsNotFound) {
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  EXPECT_EQ(FindCode(2), absl::StatusCode::kNotFound);
}

TEST_P(TokenStoreConformance, RecordThatBreaksARuleIsInvalidAndChangesNothing) {
  const struct {
    const char* name;
    std::function<void(NewToken&)> spoil;
  } kCases[] = {
      {"empty did", [](NewToken& token) { token.record.did = ""; }},
      {"NUL in did", [](NewToken& token) { token.record.did = std::string("did\0x", 5); }},
      {"empty profile", [](NewToken& token) { token.record.profile = ""; }},
      {"NUL in profile", [](NewToken& token) { token.record.profile = std::string("\0", 1); }},
      {"nanoseconds in issue_time", [](NewToken& token) { token.record.issue_time += absl::Nanoseconds(1); }},
      {"infinite issue_time", [](NewToken& token) { token.record.issue_time = absl::InfinitePast(); }},
      {"nanoseconds in expire_time", [](NewToken& token) { token.record.expire_time -= absl::Nanoseconds(1); }},
      {"infinite expire_time", [](NewToken& token) { token.record.expire_time = absl::InfiniteFuture(); }},
      {"revoke_time set", [](NewToken& token) { token.record.revoke_time = At(1); }},
      {"empty idempotency key",
       [](NewToken& token) {
         token.idempotency_key = OneTimeKey{"", At(1)};
       }},
      {"empty single-use id",
       [](NewToken& token) {
         token.single_use_id = OneTimeKey{"", At(1)};
       }},
      {"infinite key",
       [](NewToken& token) {
         token.single_use_id = OneTimeKey{"k", absl::InfiniteFuture()};
       }},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.name);
    NewToken token = New(1);
    test.spoil(token);
    EXPECT_EQ(store().Insert(token).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
  }
}

TEST_P(TokenStoreConformance, SecondInsertOfADigestChangesNothing) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  NewToken again = NewFor(kBob, 1);
  again.idempotency_key = OneTimeKey{"key", At(10)};
  EXPECT_EQ(Insert(again), Kind::kDigestExists);
  EXPECT_EQ(store().Find(Digest(1)).value(), Record(1));
  EXPECT_TRUE(Listed(kBob).empty());
  again.record.digest = Digest(2);
  EXPECT_EQ(Insert(again), Kind::kInserted) << "the refused insert used up its key";
}

TEST_P(TokenStoreConformance, ExpiredAndRevokedRecordsAreStillFound) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  NewToken expired = New(2);
  expired.now = At(1000);
  ASSERT_EQ(Insert(expired), Kind::kInserted);
  ASSERT_TRUE(Revoke(1, At(5)));
  EXPECT_EQ(RevokeTime(1), At(5));
  EXPECT_EQ(RevokeTime(2), std::nullopt);
}

TEST_P(TokenStoreConformance, FindByIdTakesTheFirst16Bytes) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(Insert(New(2)), Kind::kInserted);
  const std::string id(Digest(2).bytes().substr(0, 16));
  EXPECT_EQ(store().FindById(id).value(), Digest(2));
  EXPECT_EQ(store().FindById(std::string(Digest(3).bytes().substr(0, 16))).status().code(),
            absl::StatusCode::kNotFound);
  std::string near = id;
  near.back() = 1;
  EXPECT_EQ(store().FindById(near).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(TokenStoreConformance, IdOfAnotherLengthIsInvalid) {
  for (const size_t size : {0, 15, 17, 32}) {
    EXPECT_EQ(store().FindById(std::string(size, 'x')).status().code(), absl::StatusCode::kInvalidArgument) << size;
  }
}

TEST_P(TokenStoreConformance, SweptTokenIsNotFoundById) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  SweepTokens(At(101));
  EXPECT_EQ(store().FindById(std::string(Digest(1).bytes().substr(0, 16))).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tokens::testing
