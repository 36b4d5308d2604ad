// TokenStore on every backend: the conditions of Insert.
#include <gtest/gtest.h>

#include "tests/storage/token_store_conformance.h"

namespace tokens::testing {
namespace {

using storage::InsertOutcome;
using storage::NewToken;
using storage::OneTimeKey;

INSTANTIATE_TEST_SUITE_P(Backends, TokenStoreConformance, EveryBackend(), BackendName);

TEST_P(TokenStoreConformance, IdempotencyKeyNamesTheTokenItMadeUntilTheInstantItExpires) {
  NewToken first = New(1);
  first.idempotency_key = OneTimeKey{"key", At(10)};
  ASSERT_EQ(Insert(first), Kind::kInserted);
  NewToken second = New(2);
  second.idempotency_key = OneTimeKey{"key", At(20)};
  second.now = At(10) - kTick;
  const InsertOutcome used = store().Insert(second).value();
  EXPECT_EQ(used.kind, Kind::kIdempotencyKeyUsed);
  EXPECT_EQ(used.earlier, Digest(1));
  EXPECT_EQ(FindCode(2), absl::StatusCode::kNotFound);
  second.now = At(10);
  EXPECT_EQ(Insert(second), Kind::kInserted);
  second.record.digest = Digest(3);
  EXPECT_EQ(store().Insert(second)->earlier, Digest(2)) << "the key now belongs to the second token";
}

TEST_P(TokenStoreConformance, SingleUseIdIsSeenUntilTheInstantItExpires) {
  NewToken first = New(1);
  first.single_use_id = OneTimeKey{"jti", At(10)};
  ASSERT_EQ(Insert(first), Kind::kInserted);
  NewToken second = New(2);
  second.single_use_id = OneTimeKey{"jti", At(20)};
  second.now = At(10) - kTick;
  EXPECT_EQ(Insert(second), Kind::kSingleUseIdSeen);
  second.now = At(10);
  EXPECT_EQ(Insert(second), Kind::kInserted);
}

TEST_P(TokenStoreConformance, OneTimeKeysAreScopedByDidAndByKind) {
  NewToken token = New(1);
  token.idempotency_key = OneTimeKey{"key", At(10)};
  ASSERT_EQ(Insert(token), Kind::kInserted);
  NewToken of_bob = NewFor(kBob, 2);
  of_bob.idempotency_key = OneTimeKey{"key", At(10)};
  EXPECT_EQ(Insert(of_bob), Kind::kInserted);
  NewToken other_kind = New(3);
  other_kind.single_use_id = OneTimeKey{"key", At(10)};
  EXPECT_EQ(Insert(other_kind), Kind::kInserted);
  NewToken other_key = New(4);
  other_key.idempotency_key = OneTimeKey{"key2", At(10)};
  EXPECT_EQ(Insert(other_key), Kind::kInserted);
}

TEST_P(TokenStoreConformance, RefusedInsertUsesUpNoKey) {
  NewToken refused = New(1);
  refused.max_live = 0;
  refused.idempotency_key = OneTimeKey{"key", At(10)};
  refused.single_use_id = OneTimeKey{"jti", At(10)};
  ASSERT_EQ(Insert(refused), Kind::kLiveLimitReached);
  refused.max_live = 1;
  EXPECT_EQ(Insert(refused), Kind::kInserted);
}

TEST_P(TokenStoreConformance, TheOutcomeNamedFirstWins) {
  NewToken first = New(1);
  first.idempotency_key = OneTimeKey{"key", At(10)};
  first.single_use_id = OneTimeKey{"jti", At(10)};
  ASSERT_EQ(Insert(first), Kind::kInserted);
  NewToken again = first;
  again.max_live = 1;
  EXPECT_EQ(Insert(again), Kind::kIdempotencyKeyUsed);
  again.idempotency_key.reset();
  EXPECT_EQ(Insert(again), Kind::kSingleUseIdSeen);
  again.single_use_id.reset();
  EXPECT_EQ(Insert(again), Kind::kLiveLimitReached);
  again.max_live = 2;
  EXPECT_EQ(Insert(again), Kind::kDigestExists);
}

TEST_P(TokenStoreConformance, LimitCountsTokensOfTheProfileThatAreNeitherExpiredNorRevoked) {
  NewToken token = New(1);
  token.max_live = 2;
  ASSERT_EQ(Insert(token), Kind::kInserted);
  token.record.digest = Digest(2);
  token.record.expire_time = At(200);
  ASSERT_EQ(Insert(token), Kind::kInserted);
  token.record.digest = Digest(3);
  EXPECT_EQ(Insert(token), Kind::kLiveLimitReached);

  NewToken elsewhere = token;
  elsewhere.record.profile = "widge";
  EXPECT_EQ(Insert(elsewhere), Kind::kInserted) << "another profile, though a prefix of it";
  elsewhere = token;
  elsewhere.record.did = kBob;
  elsewhere.record.digest = Digest(4);
  EXPECT_EQ(Insert(elsewhere), Kind::kInserted) << "another account";

  token.record.digest = Digest(5);
  token.now = At(100) - kTick;
  EXPECT_EQ(Insert(token), Kind::kLiveLimitReached) << "token 1 lives one microsecond more";
  token.now = At(100);
  EXPECT_EQ(Insert(token), Kind::kInserted) << "token 1 has expired";
  token.record.digest = Digest(6);
  EXPECT_EQ(Insert(token), Kind::kLiveLimitReached);
  ASSERT_TRUE(Revoke(2, At(1000)));
  EXPECT_EQ(Insert(token), Kind::kInserted) << "revoked counts as ended whatever its time";
}

TEST_P(TokenStoreConformance, LimitOfZeroOrLessRefuses) {
  for (const int limit : {0, -1}) {
    NewToken token = New(1);
    token.max_live = limit;
    EXPECT_EQ(Insert(token), Kind::kLiveLimitReached) << limit;
  }
}

TEST_P(TokenStoreConformance, LimitDoesNotCountTokensRevokedWithTheAccount) {
  NewToken token = New(1);
  token.max_live = 1;
  ASSERT_EQ(Insert(token), Kind::kInserted);
  ASSERT_EQ(RevokeAll(kAlice, At(1)), 1);
  token.record.digest = Digest(2);
  EXPECT_EQ(Insert(token), Kind::kInserted);
  token.record.digest = Digest(3);
  EXPECT_EQ(Insert(token), Kind::kLiveLimitReached);
}

TEST_P(TokenStoreConformance, SingleUseIdIsSpentOnceWhetherWithATokenOrWithout) {
  const OneTimeKey id = {"jti", At(10)};
  EXPECT_TRUE(store().SpendSingleUseId(kAlice, id, At(0)).value());
  EXPECT_FALSE(store().SpendSingleUseId(kAlice, id, At(0)).value());
  NewToken token = New(1);
  token.single_use_id = OneTimeKey{"jti", At(50)};
  EXPECT_EQ(Insert(token), Kind::kSingleUseIdSeen);
  EXPECT_TRUE(store().SpendSingleUseId(kBob, id, At(0)).value()) << "another account";
  ASSERT_EQ(Reopen(), absl::OkStatus());
  EXPECT_FALSE(store().SpendSingleUseId(kAlice, id, At(10) - kTick).value());
  token.now = At(10);
  EXPECT_EQ(Insert(token), Kind::kInserted) << "expired";
  EXPECT_FALSE(store().SpendSingleUseId(kAlice, id, At(50) - kTick).value()) << "by the mint";
  EXPECT_TRUE(store().SpendSingleUseId(kAlice, {"jti", At(60)}, At(50)).value());
  SweepKeys(At(60) + kTick);
  EXPECT_TRUE(store().SpendSingleUseId(kAlice, {"jti", At(70)}, At(0)).value()) << "as if never spent";
}

TEST_P(TokenStoreConformance, SpendingWhatBreaksTheRulesIsInvalid) {
  for (const OneTimeKey& id : {OneTimeKey{"", At(10)}, OneTimeKey{"jti", absl::InfiniteFuture()}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(store().SpendSingleUseId(kAlice, id, At(0)).status()));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(store().SpendSingleUseId("", {"jti", At(10)}, At(0)).status()));
}

// A token issued then, under a limit of so many since `since`.
NewToken Recent(uint32_t number, absl::Time issued, int count, absl::Time since) {
  NewToken token = New(number);
  token.record.issue_time = issued;
  token.record.expire_time = At(10'000);
  token.now = issued;
  token.recent_limit = {count, since};
  return token;
}

TEST_P(TokenStoreConformance, RecentLimitCountsWhatWasIssuedInTheWindowWhateverBecameOfIt) {
  ASSERT_EQ(Insert(Recent(1, At(10), 2, At(0))), Kind::kInserted);
  NewToken other_profile = Recent(2, At(20), 2, At(0));
  other_profile.record.profile = "other";
  ASSERT_EQ(Insert(other_profile), Kind::kInserted);
  ASSERT_TRUE(Revoke(2, At(21)));
  ASSERT_EQ(RevokeAll(kAlice, At(22)), 1);

  const InsertOutcome refused = store().Insert(Recent(3, At(30), 2, At(10) - kTick)).value();
  EXPECT_EQ(refused.kind, Kind::kRecentLimitReached);
  EXPECT_EQ(refused.makes_room, At(10));
  EXPECT_EQ(FindCode(3), absl::StatusCode::kNotFound);
  EXPECT_EQ(Insert(Recent(3, At(30), 2, At(10))), Kind::kInserted) << "token 1 has left the window";
  EXPECT_EQ(store().Insert(Recent(4, At(30), 1, At(10)))->makes_room, At(30)) << "a limit that was lowered";
}

TEST_P(TokenStoreConformance, RecentLimitLeavesOutOtherAccountsTheFutureAndTheSwept) {
  ASSERT_EQ(Insert(NewFor("did:plc:alic", 1)), Kind::kInserted);
  ASSERT_EQ(Insert(NewFor("did:plc:alice2", 2)), Kind::kInserted);
  ASSERT_EQ(Insert(Recent(3, At(20), 1, At(0))), Kind::kInserted) << "others have others' limits";
  NewToken earlier = Recent(4, At(20) - kTick, 1, At(0));
  EXPECT_EQ(Insert(earlier), Kind::kInserted) << "token 3 is of the future, by a clock that has stepped back";
  NewToken same_instant = Recent(5, At(20), 2, At(0));
  EXPECT_EQ(Insert(same_instant), Kind::kRecentLimitReached);
  ASSERT_TRUE(Revoke(3, At(21)));
  SweepTokens(At(22));
  EXPECT_EQ(Insert(same_instant), Kind::kInserted) << "as if never inserted";
}

TEST_P(TokenStoreConformance, RecentLimitIsJudgedAfterTheLimitOfLiveTokensAndBeforeTheDigest) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  NewToken token = New(1);
  token.recent_limit = {1, At(-1)};
  token.max_live = 1;
  EXPECT_EQ(Insert(token), Kind::kLiveLimitReached);
  token.max_live = 2;
  EXPECT_EQ(Insert(token), Kind::kRecentLimitReached);
  token.recent_limit->count = 2;
  EXPECT_EQ(Insert(token), Kind::kDigestExists);
  token.recent_limit->count = 0;
  EXPECT_TRUE(absl::IsInvalidArgument(store().Insert(token).status()));
}

TEST_P(TokenStoreConformance, RecentLimitHoldsAcrossAReopen) {
  ASSERT_EQ(Insert(Recent(1, At(10), 1, At(0))), Kind::kInserted);
  ASSERT_EQ(Reopen(), absl::OkStatus());
  EXPECT_EQ(Insert(Recent(2, At(10), 1, At(0))), Kind::kRecentLimitReached);
}

}  // namespace
}  // namespace tokens::testing
