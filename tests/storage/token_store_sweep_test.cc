// TokenStore on every backend: Sweep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/token_store_conformance.h"

namespace tokens::testing {
namespace {

using storage::OneTimeKey;
using ::testing::ElementsAre;

INSTANTIATE_TEST_SUITE_P(Backends, TokenStoreConformance, EveryBackend(), BackendName);

TEST_P(TokenStoreConformance, SweepForgetsTokensThatEndedBeforeTheCutoff) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);  // Expires at 100.
  ASSERT_EQ(Insert(New(2)), Kind::kInserted);
  ASSERT_TRUE(Revoke(2, At(50)));
  SweepTokens(At(50));
  EXPECT_EQ(FindCode(2), absl::StatusCode::kOk) << "ended at the cutoff, not before";
  SweepTokens(At(50) + kTick);
  EXPECT_EQ(FindCode(2), absl::StatusCode::kNotFound);
  SweepTokens(At(100));
  EXPECT_EQ(FindCode(1), absl::StatusCode::kOk);
  EXPECT_THAT(Listed(kAlice), ElementsAre(Digest(1)));
  SweepTokens(At(100) + kTick);
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Listed(kAlice).empty());
  EXPECT_FALSE(Revoke(1, At(60)));
}

TEST_P(TokenStoreConformance, RevocationAfterExpiryDoesNotKeepATokenLonger) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_TRUE(Revoke(1, At(500)));
  SweepTokens(At(100) + kTick);
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
}

TEST_P(TokenStoreConformance, TokenRevokedWithItsAccountIsKeptUntilItHasExpired) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(RevokeAll(kAlice, At(10)), 1);
  SweepTokens(At(100));
  EXPECT_EQ(RevokeTime(1), At(10));
  SweepTokens(At(100) + kTick);
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
}

TEST_P(TokenStoreConformance, CutoffsNeverMoveBackAndHoldForWhatEndsLater) {
  SweepTokens(At(50));
  SweepTokens(At(10));
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_TRUE(Revoke(1, At(49)));
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound) << "ended before the first cutoff";
  NewToken ended = New(2);
  ended.record.expire_time = At(50) - kTick;
  ASSERT_EQ(Insert(ended), Kind::kInserted);
  EXPECT_EQ(FindCode(2), absl::StatusCode::kNotFound);
}

TEST_P(TokenStoreConformance, SweptTokenIsAsIfNeverInserted) {
  NewToken token = New(1);
  token.max_live = 1;
  ASSERT_EQ(Insert(token), Kind::kInserted);
  SweepTokens(At(101));
  EXPECT_EQ(RevokeAll(kAlice, At(0)), 0) << "not counted, though it has not expired at 0";
  token.record.did = kBob;
  token.record.issue_time = At(1);
  token.record.expire_time = At(200);
  EXPECT_EQ(Insert(token), Kind::kInserted) << "the digest is free again";
  EXPECT_TRUE(Listed(kAlice).empty());
  EXPECT_THAT(Listed(kBob), ElementsAre(Digest(1)));
}

TEST_P(TokenStoreConformance, SweptTokenDoesNotCountAsLiveForAnEarlierNow) {
  NewToken token = New(1);
  token.max_live = 1;
  ASSERT_EQ(Insert(token), Kind::kInserted);
  SweepTokens(At(101));
  token.record.digest = Digest(2);
  token.record.expire_time = At(200);
  EXPECT_EQ(Insert(token), Kind::kInserted);
}

TEST_P(TokenStoreConformance, SweepForgetsOneTimeKeysThatExpiredBeforeTheCutoff) {
  NewToken token = New(1);
  token.idempotency_key = OneTimeKey{"key", At(10)};
  ASSERT_EQ(Insert(token), Kind::kInserted);
  token.record.digest = Digest(2);
  SweepKeys(At(10));
  EXPECT_EQ(Insert(token), Kind::kIdempotencyKeyUsed);
  SweepKeys(At(10) + kTick);
  EXPECT_EQ(Insert(token), Kind::kInserted) << "forgotten, though `now` is before its expiry";
}

TEST_P(TokenStoreConformance, OneTimeKeyOutlivesItsToken) {
  NewToken token = New(1);
  token.idempotency_key = OneTimeKey{"key", At(1000)};
  ASSERT_EQ(Insert(token), Kind::kInserted);
  SweepTokens(At(101));
  token.record.digest = Digest(2);
  EXPECT_EQ(store().Insert(token)->earlier, Digest(1));
}

}  // namespace
}  // namespace tokens::testing
