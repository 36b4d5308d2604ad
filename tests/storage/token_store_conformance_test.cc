// What a TokenStore is: every sentence of storage/token_store.h, on every backend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "storage/token_store.h"
#include "tests/storage/store_backend.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using storage::Account;
using storage::AccountStatus;
using storage::InsertOutcome;
using storage::ListCursor;
using storage::ListPage;
using storage::NewToken;
using storage::OneTimeKey;
using storage::SweepCutoffs;
using storage::TokenDigest;
using storage::TokenRecord;
using storage::TokenStore;
using Kind = InsertOutcome::Kind;
using ::testing::ElementsAre;

class TokenStoreConformance : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }

  TokenStore& store() { return backend_->store(); }
  absl::Status Reopen() { return backend_->Reopen(); }

  Kind Insert(const NewToken& token) {
    const absl::StatusOr<InsertOutcome> outcome = store().Insert(token);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value().kind;
  }
  std::optional<absl::Time> RevokeTime(uint32_t number) { return store().Find(Digest(number)).value().revoke_time; }
  absl::StatusCode FindCode(uint32_t number) { return store().Find(Digest(number)).status().code(); }
  bool Revoke(uint32_t number, absl::Time at) { return store().Revoke(Digest(number), at, kOperator).value(); }
  int RevokeAll(const std::string& did, absl::Time at) { return store().RevokeAll(did, at, kOperator).value(); }
  std::optional<absl::Time> LastUse(uint32_t number) { return store().Find(Digest(number)).value().last_use_time; }
  void Use(uint32_t number, absl::Time at) { ASSERT_EQ(store().RecordUses({{Digest(number), at}}), absl::OkStatus()); }
  bool SetStatus(const std::string& did, AccountStatus status, absl::Time at) {
    return store().SetAccountStatus(did, status, at, kOperator).value();
  }
  AccountStatus StatusOf(uint32_t number) { return store().Find(Digest(number)).value().account_status; }
  void SweepTokens(absl::Time ended) { ASSERT_EQ(store().Sweep({ended, absl::InfinitePast()}), absl::OkStatus()); }
  void SweepKeys(absl::Time expired) { ASSERT_EQ(store().Sweep({absl::InfinitePast(), expired}), absl::OkStatus()); }
  std::vector<TokenDigest> Listed(const std::string& did) {
    std::vector<TokenDigest> digests;
    const ListPage page = store().List(did, std::nullopt, 1000).value();
    for (const TokenRecord& record : page.records) digests.push_back(record.digest);
    return digests;
  }

 private:
  std::unique_ptr<StoreBackend> backend_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Backends, TokenStoreConformance, EveryBackend(), BackendName);

// Insert and Find.

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

// FindById.

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

// Conditions of Insert.

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

// Revoke.

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

// RevokeAll and SetAccountStatus.

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

// List.

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

// RecordUses.

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

// Sweep.

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
