// TokenStore on every backend: List and RecordUses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/storage/token_store_conformance.h"

namespace tokens::testing {
namespace {

using storage::ListCursor;
using storage::ListPage;
using storage::TokenRecord;
using ::testing::ElementsAre;

INSTANTIATE_TEST_SUITE_P(Backends, TokenStoreConformance, EveryBackend(), BackendName);

TEST_P(TokenStoreConformance, ListIsNewestFirstAndTiesGoByDigestDescending) {
  for (const auto& [number, issued] : std::vector<std::pair<uint32_t, int>>{{1, 5}, {2, -3}, {3, 5}, {4, 9}}) {
    NewToken token = New(number);
    token.record.issue_time = At(issued);
    ASSERT_EQ(Insert(token), Kind::kInserted);
  }
  NewToken between = New(0);
  between.record.issue_time = At(5) + kTick;
  ASSERT_EQ(Insert(between), Kind::kInserted);
  EXPECT_THAT(Listed(kAlice), ElementsAre(Digest(4), Digest(0), Digest(3), Digest(1), Digest(2)));
  EXPECT_TRUE(Listed(kBob).empty());
}

TEST_P(TokenStoreConformance, PagesFollowEachOtherAndTheLastHasNoNext) {
  for (uint32_t number = 1; number <= 4; ++number) ASSERT_EQ(Insert(New(number)), Kind::kInserted);
  const ListPage first = store().List(kAlice, std::nullopt, 2).value();
  EXPECT_THAT(first.records, ElementsAre(Record(4), Record(3)));
  ASSERT_EQ(first.next, (ListCursor{At(0), Digest(3)}));
  const ListPage second = store().List(kAlice, first.next, 2).value();
  EXPECT_THAT(second.records, ElementsAre(Record(2), Record(1)));
  EXPECT_EQ(second.next, std::nullopt) << "exactly full, and nothing follows";
  EXPECT_EQ(store().List(kAlice, std::nullopt, 3)->next, (ListCursor{At(0), Digest(2)}));
}

TEST_P(TokenStoreConformance, CursorIsAPlaceEvenWhereNoTokenIs) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(Insert(New(3)), Kind::kInserted);
  EXPECT_THAT(store().List(kAlice, ListCursor{At(0), Digest(2)}, 9)->records, ElementsAre(Record(1)));
  EXPECT_THAT(store().List(kAlice, ListCursor{At(0) + kTick, Digest(0)}, 9)->records,
              ElementsAre(Record(3), Record(1)));
  EXPECT_TRUE(store().List(kAlice, ListCursor{At(0) - kTick, Digest(9)}, 9)->records.empty());
  EXPECT_EQ(store().List(kAlice, ListCursor{At(0), Digest(1)}, 9)->next, std::nullopt);
}

TEST_P(TokenStoreConformance, ListShowsRevocations) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(RevokeAll(kAlice, At(7)), 1);
  EXPECT_EQ(store().List(kAlice, std::nullopt, 1)->records.at(0).revoke_time, At(7));
}

TEST_P(TokenStoreConformance, LimitThatIsNotPositiveIsInvalid) {
  for (const int limit : {0, -1}) {
    EXPECT_EQ(store().List(kAlice, std::nullopt, limit).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(TokenStoreConformance, LastUseOnlyMovesForwardAndIsAllThatChanges) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  EXPECT_EQ(LastUse(1), std::nullopt);
  TokenRecord used = Record(1);
  for (const absl::Time at : {At(5), At(5) - kTick, At(5)}) {
    Use(1, at);
    used.last_use_time = At(5);
    EXPECT_EQ(store().Find(Digest(1)).value(), used);
  }
  Use(1, At(5) + kTick);
  EXPECT_EQ(LastUse(1), At(5) + kTick);
  EXPECT_EQ(store().List(kAlice, std::nullopt, 1)->records[0].last_use_time, At(5) + kTick);
  ASSERT_EQ(Reopen(), absl::OkStatus());
  EXPECT_EQ(LastUse(1), At(5) + kTick);
}

TEST_P(TokenStoreConformance, UsesOfTokensThatAreNotThereAreSkipped) {
  ASSERT_EQ(Insert(New(2)), Kind::kInserted);
  ASSERT_EQ(store().RecordUses({{Digest(1), At(1)}, {Digest(2), At(2)}, {Digest(2), At(1)}}), absl::OkStatus());
  EXPECT_EQ(LastUse(2), At(2));
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  EXPECT_EQ(LastUse(1), std::nullopt);
  EXPECT_EQ(store().RecordUses({}), absl::OkStatus());
}

TEST_P(TokenStoreConformance, UseRevivesNothingAndKeepsNothingLonger) {
  for (uint32_t number : {1, 2, 3}) ASSERT_EQ(Insert(New(number)), Kind::kInserted);
  ASSERT_TRUE(Revoke(1, At(10)));
  Use(1, At(20));
  EXPECT_EQ(RevokeTime(1), At(10));
  EXPECT_FALSE(Revoke(1, At(30)));
  ASSERT_EQ(RevokeAll(kAlice, At(15)), 2);
  Use(2, At(99));
  EXPECT_EQ(RevokeTime(2), At(15));
  EXPECT_EQ(LastUse(2), At(99));
  SweepTokens(At(11));
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
  SweepTokens(At(100) + kTick);
  Use(2, At(200));
  EXPECT_EQ(FindCode(2), absl::StatusCode::kNotFound);
}

TEST_P(TokenStoreConformance, RevocationKeepsTheLastUse) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  Use(1, At(5));
  ASSERT_TRUE(Revoke(1, At(10)));
  EXPECT_EQ(LastUse(1), At(5));
}

TEST_P(TokenStoreConformance, UseAtNoInstantIsRefusedWholly) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  for (const absl::Time at : {absl::InfiniteFuture(), absl::InfinitePast(), At(1) + absl::Nanoseconds(1)}) {
    EXPECT_TRUE(absl::IsInvalidArgument(store().RecordUses({{Digest(1), At(1)}, {Digest(1), at}}))) << at;
  }
  EXPECT_EQ(LastUse(1), std::nullopt);
  NewToken used = New(2);
  used.record.last_use_time = At(1);
  EXPECT_TRUE(absl::IsInvalidArgument(store().Insert(used).status()));
}

}  // namespace
}  // namespace tokens::testing
