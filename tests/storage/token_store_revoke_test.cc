// TokenStore on every backend: Revoke, RevokeAll and SetAccountStatus.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/storage/token_store_conformance.h"

namespace tokens::testing {
namespace {

using storage::Account;
using storage::AccountStatus;
using storage::InsertOutcome;
using storage::ListPage;
using storage::OneTimeKey;
using storage::TokenRecord;
using ::testing::ElementsAre;

INSTANTIATE_TEST_SUITE_P(Backends, TokenStoreConformance, EveryBackend(), BackendName);

TEST_P(TokenStoreConformance, FirstRevocationWins) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  EXPECT_TRUE(Revoke(1, At(10)));
  EXPECT_FALSE(Revoke(1, At(20)));
  EXPECT_FALSE(Revoke(1, At(5)));
  EXPECT_EQ(RevokeTime(1), At(10));
}

TEST_P(TokenStoreConformance, RevokingATokenThatIsNotThereIsFalse) {
  EXPECT_FALSE(Revoke(1, At(10)));
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
}

TEST_P(TokenStoreConformance, RevokingChangesNothingElse) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(Insert(New(2)), Kind::kInserted);
  ASSERT_TRUE(Revoke(1, At(10) + kTick));
  TokenRecord revoked = Record(1);
  revoked.revoke_time = At(10) + kTick;
  EXPECT_EQ(store().Find(Digest(1)).value(), revoked);
  EXPECT_EQ(store().Find(Digest(2)).value(), Record(2));
  EXPECT_THAT(store().List(kAlice, std::nullopt, 10)->records, ElementsAre(Record(2), revoked));
}

TEST_P(TokenStoreConformance, ExpiredTokenCanBeRevoked) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  EXPECT_TRUE(Revoke(1, At(500)));
  EXPECT_EQ(RevokeTime(1), At(500));
}

TEST_P(TokenStoreConformance, RevocationAtAnInstantThatCannotBeStoredIsInvalid) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  for (const absl::Time at : {absl::InfiniteFuture(), absl::InfinitePast(), At(0) + absl::Nanoseconds(1)}) {
    EXPECT_EQ(store().Revoke(Digest(1), at, kOperator).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(store().RevokeAll(kAlice, at, kOperator).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(RevokeTime(1), std::nullopt);
}

TEST_P(TokenStoreConformance, RevokeAllEndsWhatWasInsertedBeforeAndNothingAfter) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  NewToken from_the_future = New(2);
  from_the_future.record.issue_time = At(1000);
  from_the_future.record.expire_time = At(2000);
  ASSERT_EQ(Insert(from_the_future), Kind::kInserted);
  ASSERT_EQ(Insert(NewFor(kBob, 3)), Kind::kInserted);
  EXPECT_EQ(RevokeAll(kAlice, At(50)), 2);
  NewToken from_the_past = New(4);
  from_the_past.record.issue_time = At(-1000);
  ASSERT_EQ(Insert(from_the_past), Kind::kInserted);
  EXPECT_EQ(RevokeTime(1), At(50));
  EXPECT_EQ(RevokeTime(2), At(50)) << "whatever its times";
  EXPECT_EQ(RevokeTime(3), std::nullopt) << "another account";
  EXPECT_EQ(RevokeTime(4), std::nullopt) << "inserted after";
}

TEST_P(TokenStoreConformance, RevokeAllCountsWhatWasNeitherRevokedNorExpired) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(Insert(New(2)), Kind::kInserted);
  NewToken other_profile = New(3);
  other_profile.record.profile = "other";
  other_profile.record.expire_time = At(100) + kTick;
  ASSERT_EQ(Insert(other_profile), Kind::kInserted);
  ASSERT_TRUE(Revoke(1, At(10)));
  EXPECT_EQ(RevokeAll(kAlice, At(100)), 1) << "token 2 expires at that very instant";
  EXPECT_EQ(RevokeTime(2), At(100)) << "revoked all the same";
  EXPECT_EQ(RevokeAll(kAlice, At(20)), 0) << "nothing is left";
  EXPECT_EQ(RevokeAll(kBob, At(20)), 0) << "never had any";
}

TEST_P(TokenStoreConformance, RevocationByItselfAndWithTheAccountKeepTheFirst) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(Insert(New(2)), Kind::kInserted);
  ASSERT_TRUE(Revoke(1, At(30)));
  ASSERT_EQ(RevokeAll(kAlice, At(20)), 1);
  EXPECT_FALSE(Revoke(2, At(10)));
  ASSERT_EQ(Insert(New(3)), Kind::kInserted);
  ASSERT_EQ(RevokeAll(kAlice, At(40)), 1);
  EXPECT_EQ(RevokeTime(1), At(30)) << "by itself first";
  EXPECT_EQ(RevokeTime(2), At(20)) << "with the account, the first time";
  EXPECT_EQ(RevokeTime(3), At(40)) << "with the account, the second time";
}

TEST_P(TokenStoreConformance, AccountWhoseDidBeginsWithAnotherIsAnother) {
  ASSERT_EQ(Insert(NewFor("did:a", 1)), Kind::kInserted);
  ASSERT_EQ(Insert(NewFor("did:ab", 2)), Kind::kInserted);
  EXPECT_EQ(RevokeAll("did:a", At(1)), 1);
  EXPECT_EQ(RevokeTime(2), std::nullopt);
  EXPECT_THAT(Listed("did:a"), ElementsAre(Digest(1)));
  EXPECT_THAT(Listed("did:ab"), ElementsAre(Digest(2)));
}

TEST_P(TokenStoreConformance, DidThatBreaksTheRulesIsInvalid) {
  for (const std::string& did : {std::string(), std::string("a\0b", 3)}) {
    EXPECT_EQ(store().RevokeAll(did, At(1), kOperator).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(store().SetAccountStatus(did, AccountStatus::kTakedown, At(1), kOperator).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(store().FindAccount(did).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(store().List(did, std::nullopt, 1).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(TokenStoreConformance, AccountNeverHeardOfIsActive) {
  EXPECT_EQ(store().FindAccount(kAlice).value(), Account());
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(RevokeAll(kAlice, At(1)), 1);
  EXPECT_EQ(store().FindAccount(kAlice).value(), Account()) << "tokens and revocations are no status";
}

TEST_P(TokenStoreConformance, StatusIsKeptWithTheInstantItBegan) {
  EXPECT_FALSE(SetStatus(kAlice, AccountStatus::kActive, At(1))) << "it is active already";
  EXPECT_EQ(store().FindAccount(kAlice).value(), Account());
  EXPECT_TRUE(SetStatus(kAlice, AccountStatus::kTakedown, At(2)));
  EXPECT_FALSE(SetStatus(kAlice, AccountStatus::kTakedown, At(3)));
  EXPECT_EQ(store().FindAccount(kAlice).value(), (Account{AccountStatus::kTakedown, At(2)}));
  EXPECT_TRUE(SetStatus(kAlice, AccountStatus::kSuspended, At(4)));
  EXPECT_TRUE(SetStatus(kAlice, AccountStatus::kDeactivated, At(5)));
  EXPECT_EQ(store().FindAccount(kAlice).value(), (Account{AccountStatus::kDeactivated, At(5)}));
  EXPECT_TRUE(SetStatus(kAlice, AccountStatus::kActive, At(6)));
  EXPECT_EQ(store().FindAccount(kAlice).value(), (Account{AccountStatus::kActive, At(6)}));
  EXPECT_EQ(store().FindAccount(kBob).value(), Account()) << "another account";
}

TEST_P(TokenStoreConformance, StatusShowsOnEveryTokenOfTheAccountAndOnNoOther) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_EQ(Insert(New(2)), Kind::kInserted);
  ASSERT_EQ(Insert(NewFor(kBob, 4)), Kind::kInserted);
  ASSERT_TRUE(Revoke(1, At(5)));
  ASSERT_EQ(RevokeAll(kAlice, At(6)), 1);
  ASSERT_EQ(Insert(New(3)), Kind::kInserted);
  ASSERT_TRUE(SetStatus(kAlice, AccountStatus::kSuspended, At(7)));
  for (const uint32_t number : {1, 2, 3}) {
    EXPECT_EQ(StatusOf(number), AccountStatus::kSuspended) << number;
  }
  const ListPage page = store().List(kAlice, std::nullopt, 10).value();
  EXPECT_EQ(page.records.size(), 3u);
  for (const TokenRecord& record : page.records) {
    EXPECT_EQ(record.account_status, AccountStatus::kSuspended);
  }
  EXPECT_EQ(RevokeTime(1), At(5)) << "a status is no revocation";
  EXPECT_EQ(RevokeTime(2), At(6));
  EXPECT_EQ(RevokeTime(3), std::nullopt);
  EXPECT_EQ(StatusOf(4), AccountStatus::kActive);
  ASSERT_TRUE(SetStatus(kAlice, AccountStatus::kActive, At(8)));
  EXPECT_EQ(StatusOf(3), AccountStatus::kActive);
}

TEST_P(TokenStoreConformance, InactiveAccountGetsNoTokenAndUsesUpNoKey) {
  ASSERT_TRUE(SetStatus(kAlice, AccountStatus::kDeactivated, At(0)));
  NewToken token = New(1);
  token.idempotency_key = OneTimeKey{"key", At(50)};
  token.single_use_id = OneTimeKey{"id", At(50)};
  const InsertOutcome refused = store().Insert(token).value();
  EXPECT_EQ(refused.kind, Kind::kAccountInactive);
  EXPECT_EQ(refused.account_status, AccountStatus::kDeactivated);
  EXPECT_EQ(FindCode(1), absl::StatusCode::kNotFound);
  EXPECT_EQ(Insert(NewFor(kBob, 2)), Kind::kInserted) << "another account";
  ASSERT_TRUE(SetStatus(kAlice, AccountStatus::kActive, At(1)));
  EXPECT_EQ(Insert(token), Kind::kInserted);
}

TEST_P(TokenStoreConformance, RevocationAndStatusOfAnAccountLeaveEachOtherAlone) {
  ASSERT_EQ(Insert(New(1)), Kind::kInserted);
  ASSERT_TRUE(SetStatus(kAlice, AccountStatus::kTakedown, At(1)));
  EXPECT_EQ(RevokeAll(kAlice, At(2)), 1);
  EXPECT_EQ(store().FindAccount(kAlice).value(), (Account{AccountStatus::kTakedown, At(1)}));
  ASSERT_TRUE(SetStatus(kAlice, AccountStatus::kActive, At(3)));
  EXPECT_EQ(RevokeTime(1), At(2));
  ASSERT_EQ(Insert(New(2)), Kind::kInserted);
  EXPECT_EQ(RevokeTime(2), std::nullopt) << "inserted after the revocation";
}

TEST_P(TokenStoreConformance, StatusAtAnInstantThatCannotBeStoredIsInvalid) {
  for (const absl::Time at : {absl::InfiniteFuture(), absl::InfinitePast(), At(1) + absl::Nanoseconds(1)}) {
    EXPECT_EQ(store().SetAccountStatus(kAlice, AccountStatus::kTakedown, at, kOperator).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(store().FindAccount(kAlice).value(), Account());
}

}  // namespace
}  // namespace tokens::testing
