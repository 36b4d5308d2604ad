// The rules of sessions: what is issued, what is refused and why.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "storage/memory_token_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/policy_fixture.h"
#include "tests/support/session_fixture.h"
#include "token_service/base/status_details.h"
#include "token_service/session_rotator.h"
#include "token_service/session_verifier.h"

namespace tokens {
namespace {

using storage::AccountStatus;
using storage::SessionClient;

constexpr char kAudience[] = "did:web:api.example.com";
constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr char kConfidential[] = "https://confidential.example/client.json";
constexpr char kRejected[] = "https://rejected.example/client.json";
constexpr char kMethod[] = "app.example.feed.createPost";
const std::string kThumbprint(43, 'A');

// A store that cannot be read or written while told so.
class FailingSessionStore final : public storage::SessionStore {
 public:
  explicit FailingSessionStore(storage::SessionStore& store) : store_(store) {}
  absl::Status fault;

  absl::StatusOr<storage::BeginOutcome> Begin(const storage::NewSession& session) override {
    if (!fault.ok()) return fault;
    return store_.Begin(session);
  }
  absl::StatusOr<storage::RotateOutcome> Rotate(const storage::Rotation& rotation) override {
    if (!fault.ok()) return fault;
    return store_.Rotate(rotation);
  }
  absl::StatusOr<storage::SessionRecord> FindSession(const storage::SessionId& id) override {
    if (!fault.ok()) return fault;
    return store_.FindSession(id);
  }
  absl::StatusOr<bool> EndSession(const storage::SessionId& id, absl::Time at, const storage::Actor& by) override {
    if (!fault.ok()) return fault;
    return store_.EndSession(id, at, by);
  }

 private:
  storage::SessionStore& store_;
};

absl::StatusOr<SessionClient> LookUp(const std::string& client_id) {
  if (client_id == kRejected) {
    return WithReason(absl::FailedPreconditionError("no"), {"CLIENT_REJECTED", {{"rule", "x"}}});
  }
  return client_id == kConfidential ? SessionClient::kConfidential : SessionClient::kPublic;
}

class SessionRulesTest : public ::testing::Test {
 protected:
  SessionRulesTest() {
    policy_.WritePolicy(std::string(testing::kPolicy) + "sessions { max_live_sessions_per_did: 3 allowed_methods: \"" +
                        kMethod + "\" }");
    EXPECT_TRUE(policy_.file().Reload([](const absl::Status&) { return absl::OkStatus(); }).ok());
  }

  IssuedSession Create(const SessionOrder& order = {kAlice, "", ""}) {
    auto issued = rotator_.Create(order);
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued.ok() ? *std::move(issued) : IssuedSession();
  }
  std::string ReasonOfCreate(const SessionOrder& order) {
    const auto reason = GetReason(rotator_.Create(order).status());
    return reason.has_value() ? reason->reason : "";
  }
  IssuedSession Refresh(const std::string& jwt, const std::string& jkt = "") {
    const auto result = rotator_.Refresh(jwt, jkt);
    EXPECT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result.ok() && std::holds_alternative<IssuedSession>(*result));
    return result.ok() && result->index() == 1 ? std::get<IssuedSession>(*result) : IssuedSession();
  }
  // Why it is refused; nothing if it is not.
  std::optional<SessionFault> RefreshFault(const std::string& jwt, const std::string& jkt = "") {
    const auto result = rotator_.Refresh(jwt, jkt);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok() || result->index() == 1) return std::nullopt;
    return std::get<SessionRefusal>(*result).fault;
  }
  std::optional<SessionFault> GetFault(const std::string& jwt, const std::string& jkt = "") {
    const auto result = verifier_.GetSession(jwt, jkt);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok() || result->index() == 1) return std::nullopt;
    return std::get<SessionRefusal>(*result).fault;
  }
  std::optional<SessionFault> DeleteFault(const std::string& jwt, const std::string& jkt = "") {
    const auto result = rotator_.Delete(jwt, jkt, {});
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok() || !result->has_value()) return std::nullopt;
    return (*result)->fault;
  }
  Verdict::Kind Validate(const std::string& jwt, const std::string& method = kMethod, const std::string& jkt = "") {
    const auto verdict = verifier_.Verify(jwt, method, jkt);
    EXPECT_TRUE(verdict.ok()) << verdict.status();
    return verdict.ok() ? verdict->kind : Verdict::Kind::kUnknown;
  }
  void SetStatus(AccountStatus status) { ASSERT_TRUE(memory_.SetAccountStatus(kAlice, status, clock_.Now(), {}).ok()); }

  storage::MemoryTokenStore memory_;
  FailingSessionStore store_{memory_};
  testing::PolicyFixture policy_;
  testing::SessionKeysFixture keys_;
  testing::FakeClock clock_;
  SystemRandom random_;
  SessionVerifier verifier_{store_, keys_.files(), policy_.file(), kAudience, clock_};
  SessionRotator rotator_{store_, keys_.files(), policy_.file(), kAudience, LookUp, clock_, random_};
};

TEST_F(SessionRulesTest, LifetimesGoByTheKindOfClient) {
  const absl::Time now = clock_.Now();
  const IssuedSession none = Create();
  EXPECT_EQ(none.access.expire_time, now + absl::Minutes(15));
  EXPECT_EQ(none.refresh.expire_time, now + absl::Hours(14 * 24));
  EXPECT_EQ(Create({kAlice, "https://public.example/client.json", ""}).refresh.expire_time, now + absl::Hours(14 * 24));
  const IssuedSession confidential = Create({kAlice, kConfidential, ""});
  EXPECT_EQ(confidential.refresh.expire_time, now + absl::Hours(90 * 24));
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(Refresh(confidential.refresh_jwt).refresh.expire_time, now + absl::Hours(91 * 24));
}

TEST_F(SessionRulesTest, CreateRefusesBadFieldsClientsAccountsAndTooMany) {
  EXPECT_EQ(GetInvalidField(rotator_.Create({"alice", "", ""}).status())->field, "did");
  EXPECT_EQ(GetInvalidField(rotator_.Create({kAlice, std::string(2049, 'a'), ""}).status())->field, "client_id");
  EXPECT_EQ(GetInvalidField(rotator_.Create({kAlice, "", "short"}).status())->field, "dpop_jkt");
  EXPECT_EQ(ReasonOfCreate({kAlice, kRejected, ""}), "CLIENT_REJECTED");
  SetStatus(AccountStatus::kSuspended);
  const absl::Status inactive = rotator_.Create({kAlice, "", ""}).status();
  EXPECT_EQ(inactive.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(GetReason(inactive)->reason, "ACCOUNT_INACTIVE");
  EXPECT_EQ(GetReason(inactive)->metadata.at("status"), "SUSPENDED");
  SetStatus(AccountStatus::kDeactivated);
  EXPECT_EQ(Create().account_status, AccountStatus::kDeactivated);
  Create();
  Create();
  EXPECT_EQ(ReasonOfCreate({kAlice, "", ""}), "SESSION_LIMIT_REACHED");
}

TEST_F(SessionRulesTest, AnyNumberOfRefreshesAtOnceYieldOneTokenId) {
  for (const int parallel : {10, 100}) {
    const IssuedSession session = Create();
    std::vector<storage::RefreshId> ids(parallel);
    std::vector<std::thread> threads;
    for (int i = 0; i < parallel; ++i) {
      threads.emplace_back([&, i] { ids[i] = Refresh(session.refresh_jwt).refresh.refresh; });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(std::set<storage::RefreshId>(ids.begin(), ids.end()).size(), 1u);
    EXPECT_NE(ids[0], session.refresh.refresh);
  }
}

TEST_F(SessionRulesTest, ALostReplyCanBeAskedForAgainForTwoHoursAndNoLonger) {
  const IssuedSession session = Create();
  const IssuedSession lost = Refresh(session.refresh_jwt);
  clock_.Advance(absl::Hours(1));
  const IssuedSession retried = Refresh(session.refresh_jwt);
  EXPECT_EQ(retried.refresh.refresh, lost.refresh.refresh);
  EXPECT_EQ(retried.refresh.expire_time, lost.refresh.expire_time);
  EXPECT_EQ(Validate(retried.access_jwt), Verdict::Kind::kActive);
  clock_.Advance(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(RefreshFault(session.refresh_jwt), std::nullopt);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(RefreshFault(session.refresh_jwt), SessionFault::kRevoked);
  EXPECT_EQ(RefreshFault(retried.refresh_jwt), std::nullopt) << "the session goes on";
}

TEST_F(SessionRulesTest, ASessionEndsAtItsAbsoluteCapHoweverOftenItIsRefreshed) {
  const absl::Time cap = clock_.Now() + absl::Hours(365 * 24);
  IssuedSession session = Create();
  while (session.refresh.expire_time < cap) {
    clock_.Set(session.refresh.expire_time - absl::Minutes(1));
    session = Refresh(session.refresh_jwt);
  }
  EXPECT_EQ(session.refresh.expire_time, cap);
  clock_.Set(cap - absl::Minutes(1));
  const IssuedSession last = Refresh(session.refresh_jwt);
  EXPECT_EQ(last.refresh.expire_time, cap);
  EXPECT_EQ(last.access.expire_time, cap);
  clock_.Set(cap);
  EXPECT_EQ(RefreshFault(last.refresh_jwt), SessionFault::kExpired);
  EXPECT_EQ(Validate(last.access_jwt), Verdict::Kind::kExpired);
}

TEST_F(SessionRulesTest, DeleteByAnyTokenOfTheChainEndsAllOfIt) {
  enum class By { kOldest, kNewest, kExpired };
  for (const By by : {By::kOldest, By::kNewest, By::kExpired}) {
    const IssuedSession first = Create();
    const IssuedSession second = Refresh(first.refresh_jwt);
    if (by == By::kExpired) clock_.Advance(absl::Hours(14 * 24));
    EXPECT_EQ(DeleteFault(by == By::kNewest ? second.refresh_jwt : first.refresh_jwt), std::nullopt);
    EXPECT_EQ(DeleteFault(first.refresh_jwt), std::nullopt) << "idempotent";
    if (by == By::kExpired) clock_.Advance(-absl::Hours(14 * 24));
    for (const IssuedSession& session : {first, second}) {
      EXPECT_EQ(RefreshFault(session.refresh_jwt), SessionFault::kRevoked);
      EXPECT_EQ(GetFault(session.access_jwt), SessionFault::kRevoked);
      EXPECT_EQ(Validate(session.access_jwt), Verdict::Kind::kRevoked);
    }
  }
}

TEST_F(SessionRulesTest, DeleteTakesNoAccessTokenAndNoSessionForGone) {
  const IssuedSession session = Create();
  EXPECT_EQ(DeleteFault(session.access_jwt), SessionFault::kInvalid);
  EXPECT_EQ(DeleteFault("garbage"), SessionFault::kInvalid);
  clock_.Advance(absl::Hours(15 * 24));
  ASSERT_TRUE(memory_.Sweep({clock_.Now(), absl::InfinitePast()}).ok());
  EXPECT_EQ(DeleteFault(session.refresh_jwt), std::nullopt);
}

TEST_F(SessionRulesTest, RevokingTheAccountEndsItsSessions) {
  const IssuedSession session = Create();
  ASSERT_TRUE(memory_.RevokeAll(kAlice, clock_.Now(), {}).ok());
  EXPECT_EQ(RefreshFault(session.refresh_jwt), SessionFault::kRevoked);
  EXPECT_EQ(Validate(session.access_jwt), Verdict::Kind::kRevoked);
  EXPECT_EQ(Validate(Create().access_jwt), Verdict::Kind::kActive);
}

TEST_F(SessionRulesTest, AccountStatusActsAtOnceAndWinsOverRevoked) {
  const IssuedSession session = Create();
  const IssuedSession revoked = Create();
  ASSERT_EQ(DeleteFault(revoked.refresh_jwt), std::nullopt);
  for (const AccountStatus status : {AccountStatus::kTakedown, AccountStatus::kSuspended}) {
    SetStatus(status);
    const auto refused = rotator_.Refresh(session.refresh_jwt, "");
    ASSERT_TRUE(refused.ok());
    EXPECT_EQ(std::get<SessionRefusal>(*refused).fault, SessionFault::kAccountInactive);
    EXPECT_EQ(std::get<SessionRefusal>(*refused).account_status, status);
    EXPECT_EQ(RefreshFault(revoked.refresh_jwt), SessionFault::kAccountInactive);
    EXPECT_EQ(GetFault(session.access_jwt), SessionFault::kAccountInactive);
    EXPECT_EQ(Validate(session.access_jwt), Verdict::Kind::kAccountInactive);
  }
  SetStatus(AccountStatus::kDeactivated);
  EXPECT_EQ(Refresh(session.refresh_jwt).account_status, AccountStatus::kDeactivated);
  EXPECT_EQ(GetFault(session.access_jwt), std::nullopt);
  EXPECT_EQ(Validate(session.access_jwt), Verdict::Kind::kAccountInactive);
  SetStatus(AccountStatus::kActive);
  EXPECT_EQ(Validate(session.access_jwt), Verdict::Kind::kActive);
}

TEST_F(SessionRulesTest, ABoundSessionNeedsItsKeyEverywhereAndNothingIsConsumedWithoutIt) {
  const IssuedSession session = Create({kAlice, "", kThumbprint});
  for (const std::string& other : {std::string(), std::string(43, 'B')}) {
    EXPECT_EQ(RefreshFault(session.refresh_jwt, other), SessionFault::kDpopKeyMismatch);
    EXPECT_EQ(GetFault(session.access_jwt, other), SessionFault::kDpopKeyMismatch);
    EXPECT_EQ(Validate(session.access_jwt, kMethod, other), Verdict::Kind::kDpopKeyMismatch);
    EXPECT_EQ(DeleteFault(session.refresh_jwt, other), SessionFault::kDpopKeyMismatch);
  }
  clock_.Advance(absl::Hours(3));
  EXPECT_EQ(RefreshFault(session.refresh_jwt, kThumbprint), std::nullopt) << "its grace had not begun";
  EXPECT_EQ(Validate(Refresh(session.refresh_jwt, kThumbprint).access_jwt, kMethod, kThumbprint),
            Verdict::Kind::kActive);
  EXPECT_EQ(DeleteFault(session.refresh_jwt, kThumbprint), std::nullopt);
}

TEST_F(SessionRulesTest, ValidateSaysWhichSessionAndAllowsOnlyThePolicysMethods) {
  const IssuedSession session = Create({kAlice, kConfidential, ""});
  const auto verdict = verifier_.Verify(session.access_jwt, kMethod, "");
  ASSERT_TRUE(verdict.ok());
  ASSERT_EQ(verdict->kind, Verdict::Kind::kActive);
  EXPECT_EQ(verdict->record->did, kAlice);
  EXPECT_EQ(verdict->record->profile, "session");
  EXPECT_EQ(verdict->record->client_id, kConfidential);
  EXPECT_EQ(verdict->record->digest.bytes().substr(0, 16), session.access.session.bytes());
  EXPECT_EQ(verdict->record->expire_time, session.access.expire_time);
  EXPECT_EQ(Validate(session.access_jwt, ""), Verdict::Kind::kActive);
  EXPECT_EQ(Validate(session.access_jwt, "app.example.feed.other"), Verdict::Kind::kMethodNotAllowed);
  EXPECT_EQ(Validate(session.refresh_jwt), Verdict::Kind::kMalformed);
  clock_.Set(session.access.expire_time);
  EXPECT_EQ(Validate(session.access_jwt), Verdict::Kind::kExpired);
  EXPECT_EQ(GetFault(session.access_jwt), SessionFault::kExpired);
}

TEST_F(SessionRulesTest, AnOutageOfTheStoreIsAnErrorAndNeverARefusal) {
  const IssuedSession session = Create();
  for (const absl::Status& fault : {absl::UnavailableError("x"), absl::DataLossError("x")}) {
    store_.fault = fault;
    EXPECT_EQ(rotator_.Create({kAlice, "", ""}).status(), fault);
    EXPECT_EQ(rotator_.Refresh(session.refresh_jwt, "").status(), fault);
    EXPECT_EQ(rotator_.Delete(session.refresh_jwt, "", {}).status(), fault);
    EXPECT_EQ(verifier_.GetSession(session.access_jwt, "").status(), fault);
    EXPECT_EQ(verifier_.Verify(session.access_jwt, kMethod, "").status(), fault);
  }
}

TEST_F(SessionRulesTest, WithoutKeysSessionsAreOff) {
  const IssuedSession session = Create();
  const auto none = *SessionKeyFiles::Open({});
  SessionVerifier verifier(store_, *none, policy_.file(), kAudience, clock_);
  SessionRotator rotator(store_, *none, policy_.file(), kAudience, LookUp, clock_, random_);
  for (const absl::Status& status :
       {rotator.Create({kAlice, "", ""}).status(), rotator.Refresh(session.refresh_jwt, "").status(),
        rotator.Delete(session.refresh_jwt, "", {}).status(), rotator.ListKeys().status(),
        verifier.GetSession(session.access_jwt, "").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    ASSERT_TRUE(GetReason(status).has_value());
    EXPECT_EQ(GetReason(status)->reason, "SESSIONS_OFF");
  }
  EXPECT_EQ(verifier.Verify(session.access_jwt, "", "")->kind, Verdict::Kind::kMalformed);
}

}  // namespace
}  // namespace tokens
