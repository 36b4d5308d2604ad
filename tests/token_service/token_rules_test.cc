// The rules of Mint, Validate, Revoke and ListTokens on the memory store, at exact instants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "storage/memory_token_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"
#include "tests/support/policy_fixture.h"
#include "token_service/account_register.h"
#include "token_service/base/status_details.h"
#include "token_service/proof_spender.h"
#include "token_service/token_id.h"
#include "token_service/token_issuer.h"
#include "token_service/token_lister.h"
#include "token_service/token_revoker.h"
#include "token_service/token_verifier.h"

namespace tokens {
namespace {

using testing::kAllowedMethod;
using Kind = Verdict::Kind;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kBob[] = "did:web:bob.example.com";
const storage::Actor kCaller = {"spiffe://example/caller", "request-1"};

class TokenRulesTest : public ::testing::Test {
 protected:
  MintOrder Order(const std::string& did = kAlice) {
    MintOrder order;
    order.did = did;
    return order;
  }
  std::string Mint(const std::string& did = kAlice) {
    const auto minted = issuer_.Mint(Order(did));
    EXPECT_TRUE(minted.ok()) << minted.status();
    return minted.ok() ? minted->secret.Reveal() : "";
  }
  Kind Verify(const std::string& token, const std::string& method = kAllowedMethod) {
    const auto verdict = verifier_.Verify(token, method);
    EXPECT_TRUE(verdict.ok()) << verdict.status();
    return verdict.ok() ? verdict->kind : Kind::kUnknown;
  }
  static std::string ReasonOf(const absl::Status& status) {
    const auto reason = GetReason(status);
    return reason.has_value() ? reason->reason : "";
  }

  storage::MemoryTokenStore store_;
  testing::PolicyFixture policy_;
  testing::FakeClock clock_;
  testing::FakeRandom random_;
  TokenIssuer issuer_{store_, policy_.file(), clock_, random_};
  UseRecorder uses_{store_};
  TokenVerifier verifier_{store_, policy_.file(), clock_, uses_};
  TokenRevoker revoker_{store_, clock_};
  TokenLister lister_{store_, clock_};
  AccountRegister accounts_{store_, clock_};
};

TEST_F(TokenRulesTest, AMintedTokenIsActiveForItsViewer) {
  MintOrder order = Order();
  order.label = "iPhone";
  order.client_id = "https://app.example/client.json";
  const auto minted = issuer_.Mint(order);
  ASSERT_TRUE(minted.ok());
  const auto verdict = verifier_.Verify(minted->secret.Reveal(), kAllowedMethod);
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(verdict->kind, Kind::kActive);
  EXPECT_EQ(verdict->record, minted->record);
  EXPECT_EQ(verdict->record->did, kAlice);
  EXPECT_EQ(verdict->record->profile, "widget");
  EXPECT_EQ(verdict->record->expire_time - verdict->record->issue_time, absl::Hours(1));
}

TEST_F(TokenRulesTest, IssueTimeIsCutToMilliseconds) {
  clock_.Advance(absl::Microseconds(1999));
  const auto minted = issuer_.Mint(Order());
  EXPECT_EQ(minted->record.issue_time, clock_.Now() - absl::Microseconds(999));
  EXPECT_EQ(Verify(minted->secret.Reveal()), Kind::kActive);
}

TEST_F(TokenRulesTest, TokenIsRefusedAtTheExactExpiryInstant) {
  const std::string token = Mint();
  clock_.Advance(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(Verify(token), Kind::kActive);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Verify(token), Kind::kExpired);
}

TEST_F(TokenRulesTest, TokenOfASteppedClockIsRefusedUntilItsTime) {
  const std::string token = Mint();
  clock_.Advance(-absl::Microseconds(1));
  EXPECT_EQ(Verify(token), Kind::kUnknown);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Verify(token), Kind::kActive);
}

TEST_F(TokenRulesTest, MintingLeavesEarlierTokensAlone) {
  const std::string first = Mint();
  const std::string second = Mint();
  EXPECT_NE(first, second);
  EXPECT_EQ(Verify(first), Kind::kActive);
  EXPECT_EQ(Verify(second), Kind::kActive);
}

TEST_F(TokenRulesTest, OnlyAllowedMethodsAndTheEmptyOne) {
  const std::string token = Mint();
  EXPECT_EQ(Verify(token, ""), Kind::kActive);
  for (const char* method :
       {"app.example.feed.createPost", "app.example.feed.gettimeline", "app.didpic.identity.mintWidgetToken"}) {
    EXPECT_EQ(Verify(token, method), Kind::kMethodNotAllowed) << method;
  }
}

TEST_F(TokenRulesTest, AMethodAddedByReloadReachesTokensThatAreOut) {
  const std::string token = Mint();
  EXPECT_EQ(Verify(token, "app.example.feed.getMore"), Kind::kMethodNotAllowed);
  policy_.WriteLexicon("app.example.feed.getMore", "query");
  policy_.WritePolicy(std::string(testing::kPolicy, sizeof(testing::kPolicy) - 2) +
                      R"( allowed_methods: "app.example.feed.getMore" })");
  ASSERT_TRUE(policy_.file().Reload([](const absl::Status&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(Verify(token, "app.example.feed.getMore"), Kind::kActive);
}

TEST_F(TokenRulesTest, ATokenOfAWithdrawnProfileIsNotEvenAlive) {
  const std::string token = Mint();
  policy_.WritePolicy(
      R"(profiles { name: "other" prefix: "dpwt_" lifetime { seconds: 60 } max_live_tokens_per_did: 1 })");
  ASSERT_TRUE(policy_.file().Reload([](const absl::Status&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(Verify(token, ""), Kind::kMethodNotAllowed);
}

TEST_F(TokenRulesTest, UnknownAndMalformedTokens) {
  SystemRandom random;
  EXPECT_EQ(Verify(TokenSecret::Generate("dpwt_", random)->Reveal()), Kind::kUnknown);
  EXPECT_EQ(Verify(TokenSecret::Generate("other_", random)->Reveal()), Kind::kMalformed);
  for (const char* text : {"", "dpwt_", "garbage"}) EXPECT_EQ(Verify(text), Kind::kMalformed) << text;
}

TEST_F(TokenRulesTest, TheCapRefusesAndExpiryOrRevocationMakesRoom) {
  const std::string first = Mint();
  clock_.Advance(absl::Minutes(1));
  const std::string second = Mint();
  Mint();
  const auto refused = issuer_.Mint(Order());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status()), "TOKEN_LIMIT_REACHED");
  EXPECT_EQ(Verify(first), Kind::kActive);
  Mint(kBob);  // has a cap of its own
  EXPECT_EQ(revoker_.RevokeToken(second, kCaller).value(), 1);
  const std::string fourth = Mint();
  EXPECT_FALSE(issuer_.Mint(Order()).ok());
  clock_.Advance(absl::Minutes(59));  // the first one's expiry
  Mint();
  EXPECT_EQ(Verify(fourth), Kind::kActive);
}

TEST_F(TokenRulesTest, TheMintRateRefusesUntilTheOldestMintHasLeftTheWindow) {
  policy_.WritePolicy(R"(profiles {
    name: "widget" prefix: "dpwt_" lifetime { seconds: 3600 } max_live_tokens_per_did: 100
    max_mints_per_did { count: 2 window { seconds: 60 } }
  })");
  ASSERT_TRUE(policy_.file().Reload([](const absl::Status&) { return absl::OkStatus(); }).ok());
  const std::string first = Mint();
  clock_.Advance(absl::Seconds(10));
  Mint();
  ASSERT_EQ(revoker_.RevokeToken(first, {}).value(), 1);
  clock_.Advance(absl::Seconds(49) + absl::Milliseconds(500));
  const auto refused = issuer_.Mint(Order());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  ASSERT_EQ(ReasonOf(refused.status()), "MINT_RATE_EXCEEDED");
  EXPECT_EQ(GetReason(refused.status())->metadata,
            (std::map<std::string, std::string>{{"count", "2"}, {"window_seconds", "60"}}));
  const std::optional<absl::Duration> delay = GetRetryDelay(refused.status());
  ASSERT_EQ(delay, absl::Milliseconds(500));
  Mint(kBob);
  clock_.Advance(*delay - absl::Microseconds(1));
  EXPECT_FALSE(issuer_.Mint(Order()).ok());
  clock_.Advance(absl::Microseconds(1));
  Mint();
  EXPECT_EQ(GetRetryDelay(issuer_.Mint(Order()).status()), absl::Seconds(10));
}

TEST_F(TokenRulesTest, AnIdempotencyKeyMintsOnceIn24Hours) {
  MintOrder order = Order();
  order.idempotency_key = "install-1";
  const auto first = issuer_.Mint(order);
  ASSERT_TRUE(first.ok());
  clock_.Advance(absl::Hours(24) - absl::Microseconds(1));
  const auto again = issuer_.Mint(order);
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists);
  const auto reason = GetReason(again.status());
  ASSERT_TRUE(reason.has_value());
  EXPECT_EQ(reason->reason, "IDEMPOTENCY_KEY_USED");
  EXPECT_EQ(reason->metadata.at("token_id"), TokenIdOf(first->record.digest));
  MintOrder other = order;
  other.did = kBob;
  EXPECT_TRUE(issuer_.Mint(other).ok());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_TRUE(issuer_.Mint(order).ok());
}

TEST_F(TokenRulesTest, ASingleUseIdMintsOnceUntilItExpires) {
  MintOrder order = Order();
  order.single_use_id = storage::OneTimeKey{"jti", clock_.Now() + absl::Minutes(1)};
  EXPECT_TRUE(issuer_.Mint(order).ok());
  EXPECT_EQ(ReasonOf(issuer_.Mint(order).status()), "SINGLE_USE_ID_SEEN");
  order.idempotency_key = "jti";  // kinds do not mix
  EXPECT_EQ(ReasonOf(issuer_.Mint(order).status()), "SINGLE_USE_ID_SEEN");
  MintOrder other = order;
  other.did = kBob;
  EXPECT_TRUE(issuer_.Mint(other).ok());
}

TEST_F(TokenRulesTest, AProofIsSpentOnceByAMintOrBeforeIt) {
  ProofSpender spender(store_, clock_);
  const storage::OneTimeKey id = {"jti", clock_.Now() + absl::Minutes(1)};
  EXPECT_TRUE(spender.Spend(kAlice, id).ok());
  EXPECT_EQ(ReasonOf(spender.Spend(kAlice, id)), "SINGLE_USE_ID_SEEN");
  EXPECT_TRUE(spender.Spend(kBob, id).ok());
  MintOrder order = Order();
  order.single_use_id = id;
  EXPECT_EQ(ReasonOf(issuer_.Mint(order).status()), "SINGLE_USE_ID_SEEN");
  order.single_use_id->key = "other";
  EXPECT_TRUE(issuer_.Mint(order).ok());
  EXPECT_EQ(ReasonOf(spender.Spend(kAlice, *order.single_use_id)), "SINGLE_USE_ID_SEEN");
  EXPECT_TRUE(absl::IsInvalidArgument(spender.Spend("alice", id)));
  EXPECT_TRUE(absl::IsInvalidArgument(spender.Spend(kAlice, {"", id.expire_time})));
  EXPECT_TRUE(absl::IsInvalidArgument(spender.Spend(kAlice, {"x", clock_.Now()})));
}

TEST_F(TokenRulesTest, ARepeatedDigestIsRetriedAndThenAnError) {
  Mint();
  random_.Repeat(2);
  EXPECT_TRUE(issuer_.Mint(Order()).ok());
  random_.Repeat(100);
  EXPECT_EQ(issuer_.Mint(Order()).status().code(), absl::StatusCode::kInternal);
}

TEST_F(TokenRulesTest, AFailingGeneratorMintsNothing) {
  random_.FailWith(absl::UnavailableError("no entropy"));
  EXPECT_EQ(issuer_.Mint(Order()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(lister_.List({kAlice, 0, "", ListOrder::Show::kAll})->records.empty());
}

TEST_F(TokenRulesTest, BadFieldsAreNamed) {
  struct Row {
    const char* field;
    void (*spoil)(MintOrder&);
  };
  static constexpr Row kRows[] = {
      {"did", [](MintOrder& o) { o.did = ""; }},
      {"did", [](MintOrder& o) { o.did = "did:key:zQ3sh"; }},
      {"did", [](MintOrder& o) { o.did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa#atproto"; }},
      {"label", [](MintOrder& o) { o.label = std::string(129, 'a'); }},
      {"label", [](MintOrder& o) { o.label = "a\nb"; }},
      {"label", [](MintOrder& o) { o.label = "a\xc2\x85"; }},
      {"client_id", [](MintOrder& o) { o.client_id = std::string(2049, 'a'); }},
      {"client_name", [](MintOrder& o) { o.client_name = std::string(129, 'a'); }},
      {"client_name", [](MintOrder& o) { o.client_name = "a\x1b[2J"; }},
      {"idempotency_key", [](MintOrder& o) { o.idempotency_key = std::string(129, 'a'); }},
      {"idempotency_key", [](MintOrder& o) { o.idempotency_key = "a b"; }},
      {"single_use_id.id",
       [](MintOrder& o) {
         o.single_use_id = {"", absl::FromUnixSeconds(1'900'000'060)};
       }},
      {"single_use_id.id",
       [](MintOrder& o) {
         o.single_use_id = {std::string(513, 'a'), absl::FromUnixSeconds(1'900'000'060)};
       }},
      {"single_use_id.expire_time",
       [](MintOrder& o) {
         o.single_use_id = {"a", absl::FromUnixSeconds(1'900'000'000)};
       }},
      {"single_use_id.expire_time",
       [](MintOrder& o) {
         o.single_use_id = {"a", absl::FromUnixSeconds(1'900'086'401)};
       }},
  };
  for (const Row& row : kRows) {
    MintOrder order = Order();
    row.spoil(order);
    const auto minted = issuer_.Mint(order);
    EXPECT_EQ(minted.status().code(), absl::StatusCode::kInvalidArgument) << row.field;
    EXPECT_THAT(std::string(minted.status().message()), ::testing::StartsWith(std::string(row.field) + ": "));
  }
  MintOrder order = Order();
  order.profile = "admin";
  EXPECT_EQ(ReasonOf(issuer_.Mint(order).status()), "UNKNOWN_PROFILE");
}

TEST_F(TokenRulesTest, OnlyATokenThatHoldsCountsAsUsed) {
  const std::string used = Mint(), refused = Mint(), revoked = Mint();
  const auto last_use = [this](const std::string& token) { return store_.Find(DigestOf(token)).value().last_use_time; };
  ASSERT_EQ(revoker_.RevokeToken(revoked, kCaller).value(), 1);
  Verify(used);
  Verify(refused, "app.example.feed.createPost");
  Verify(revoked);
  uses_.Flush();
  EXPECT_EQ(last_use(used), absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()) / 60 * 60));
  EXPECT_EQ(last_use(refused), std::nullopt);
  EXPECT_EQ(last_use(revoked), std::nullopt);
}

TEST_F(TokenRulesTest, RevokedByTokenByIdOrWithTheAccount) {
  const std::string by_token = Mint();
  EXPECT_EQ(revoker_.RevokeToken(by_token, kCaller).value(), 1);
  EXPECT_EQ(Verify(by_token), Kind::kRevoked);
  EXPECT_EQ(revoker_.RevokeToken(by_token, kCaller).value(), 0);

  const auto minted = issuer_.Mint(Order());
  EXPECT_EQ(revoker_.RevokeTokenId(TokenIdOf(minted->record.digest), kCaller).value(), 1);
  EXPECT_EQ(Verify(minted->secret.Reveal()), Kind::kRevoked);

  const std::string a = Mint(), b = Mint(), bobs = Mint(kBob);
  EXPECT_EQ(revoker_.RevokeAccount(kAlice, kCaller).value(), 2);
  EXPECT_EQ(Verify(a), Kind::kRevoked);
  EXPECT_EQ(Verify(b), Kind::kRevoked);
  EXPECT_EQ(Verify(bobs), Kind::kActive);
  EXPECT_EQ(Verify(Mint()), Kind::kActive);  // at the very same instant
}

TEST_F(TokenRulesTest, RevokedForItsOwnerOnlyWhereOneIsNamed) {
  const std::string token = Mint();
  const std::string id = TokenIdOf(DigestOf(token));
  EXPECT_EQ(revoker_.RevokeToken(token, kCaller, kBob).value(), 0);
  EXPECT_EQ(revoker_.RevokeTokenId(id, kCaller, kBob).value(), 0);
  EXPECT_EQ(Verify(token), Kind::kActive);
  EXPECT_EQ(revoker_.RevokeTokenId(id, kCaller, kAlice).value(), 1);
  EXPECT_EQ(Verify(token), Kind::kRevoked);
  EXPECT_EQ(revoker_.RevokeToken(Mint(), kCaller, kAlice).value(), 1);
  EXPECT_EQ(revoker_.RevokeTokenId(std::string(32, '0'), kCaller, kAlice).value(), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(revoker_.RevokeToken(token, kCaller, "bob").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(revoker_.RevokeTokenId(id, kCaller, "").status()));
}

TEST_F(TokenRulesTest, RevocationByAccountHoldsWhenTheClockSteps) {
  clock_.Advance(absl::Hours(2));  // a clock ahead of its time mints …
  const std::string token = Mint();
  clock_.Advance(-absl::Hours(2));  // … and is put right before the revocation
  EXPECT_EQ(revoker_.RevokeAccount(kAlice, kCaller).value(), 1);
  clock_.Advance(absl::Hours(2));
  EXPECT_EQ(Verify(token), Kind::kRevoked);
}

TEST_F(TokenRulesTest, InactiveAccountIsRefusedAtOnceAndHasItsTokensAgainAfterwards) {
  using Status = storage::AccountStatus;
  const std::string token = Mint(), bobs = Mint(kBob);
  for (const Status status : {Status::kTakedown, Status::kSuspended, Status::kDeactivated}) {
    const auto account = accounts_.SetStatus(kAlice, status, kCaller);
    ASSERT_TRUE(account.ok());
    EXPECT_EQ(*account, (storage::Account{status, clock_.Now()}));
    EXPECT_EQ(accounts_.Get(kAlice).value(), *account);
    EXPECT_EQ(Verify(token), Kind::kAccountInactive);
    EXPECT_EQ(Verify(token, ""), Kind::kAccountInactive);
    const auto minted = issuer_.Mint(Order());
    EXPECT_EQ(minted.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(minted.status()), "ACCOUNT_INACTIVE");
    EXPECT_EQ(GetReason(minted.status())->metadata.at("status"), AccountStatusName(status));
    EXPECT_EQ(Verify(bobs), Kind::kActive);
  }
  ASSERT_TRUE(accounts_.SetStatus(kAlice, Status::kActive, kCaller).ok());
  EXPECT_EQ(Verify(token), Kind::kActive);
  EXPECT_EQ(Verify(Mint()), Kind::kActive);
}

TEST_F(TokenRulesTest, OfSeveralRefusalsTheOneNamedFirstWins) {
  const std::string token = Mint();
  ASSERT_TRUE(accounts_.SetStatus(kAlice, storage::AccountStatus::kTakedown, kCaller).ok());
  EXPECT_EQ(Verify(token, "app.example.feed.createPost"), Kind::kAccountInactive) << "before the method";
  clock_.Advance(-absl::Microseconds(1));
  EXPECT_EQ(Verify(token), Kind::kUnknown) << "from the future, before the account";
  clock_.Advance(absl::Hours(1) + absl::Microseconds(1));
  EXPECT_EQ(Verify(token), Kind::kExpired) << "before the account";
  ASSERT_EQ(revoker_.RevokeToken(token, kCaller).value(), 1);
  EXPECT_EQ(Verify(token), Kind::kRevoked) << "before all";
}

TEST_F(TokenRulesTest, AccountsOfWhatIsNoDidAreInvalid) {
  EXPECT_EQ(accounts_.SetStatus("alice", storage::AccountStatus::kTakedown, kCaller).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(accounts_.Get("alice").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TokenRulesTest, RevokingWhatIsNotThereIsNoError) {
  EXPECT_EQ(revoker_.RevokeToken("garbage", kCaller).value(), 0);
  EXPECT_EQ(revoker_.RevokeTokenId(std::string(32, '0'), kCaller).value(), 0);
  EXPECT_EQ(revoker_.RevokeAccount(kBob, kCaller).value(), 0);
  EXPECT_EQ(revoker_.RevokeTokenId("xyz", kCaller).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(revoker_.RevokeAccount("bob", kCaller).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TokenRulesTest, ListsNewestFirstInPages) {
  const std::string first = Mint();
  clock_.Advance(absl::Seconds(1));
  Mint();
  clock_.Advance(absl::Seconds(1));
  Mint();
  ASSERT_EQ(revoker_.RevokeToken(first, kCaller).value(), 1);
  const auto all = lister_.List({kAlice, 0, "", ListOrder::Show::kAll});
  ASSERT_EQ(all->records.size(), 3u);
  EXPECT_GT(all->records[0].issue_time, all->records[1].issue_time);
  EXPECT_EQ(all->next_page_token, "");
  EXPECT_EQ(lister_.List({kAlice, 0, "", ListOrder::Show::kActiveOnly})->records.size(), 2u);

  std::vector<storage::TokenRecord> paged;
  std::string page_token;
  do {
    const auto page = lister_.List({kAlice, 1, page_token, ListOrder::Show::kAll});
    ASSERT_TRUE(page.ok());
    EXPECT_LE(page->records.size(), 1u);
    paged.insert(paged.end(), page->records.begin(), page->records.end());
    page_token = page->next_page_token;
  } while (!page_token.empty());
  EXPECT_EQ(paged, all->records);
}

TEST_F(TokenRulesTest, AListSaysWhatTheAccountIs) {
  EXPECT_EQ(lister_.List({kAlice, 0, "", ListOrder::Show::kAll})->account_status, storage::AccountStatus::kActive);
  ASSERT_TRUE(accounts_.SetStatus(kAlice, storage::AccountStatus::kSuspended, kCaller).ok());
  EXPECT_EQ(lister_.List({kAlice, 0, "", ListOrder::Show::kAll})->account_status, storage::AccountStatus::kSuspended);
}

TEST_F(TokenRulesTest, ListRefusesBadFields) {
  EXPECT_FALSE(lister_.List({"alice", 0, "", ListOrder::Show::kAll}).ok());
  EXPECT_FALSE(lister_.List({kAlice, -1, "", ListOrder::Show::kAll}).ok());
  for (const char* page_token : {"x", "AAAA", "!!!!"}) {
    EXPECT_EQ(lister_.List({kAlice, 0, page_token, ListOrder::Show::kAll}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tokens
