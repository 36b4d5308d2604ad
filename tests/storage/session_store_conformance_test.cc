// What a SessionStore is, on every backend.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/storage/store_backend.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using storage::AccountStatus;
using storage::BeginOutcome;
using storage::NewSession;
using storage::RotateOutcome;
using storage::Rotation;
using storage::SessionRecord;
using Kind = storage::RotateOutcome::Kind;

class SessionStoreConformance : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }

  storage::Store& store() { return backend_->store(); }
  storage::TokenStore& tokens() { return backend_->store(); }
  void Reopen() { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }

  BeginOutcome::Kind Begin(const NewSession& session) {
    const auto outcome = store().Begin(session);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(BeginOutcome()).kind;
  }
  RotateOutcome Rotate(const Rotation& rotation) {
    const auto outcome = store().Rotate(rotation);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(RotateOutcome());
  }
  Kind KindOf(const Rotation& rotation) { return Rotate(rotation).kind; }
  bool IsEnded(uint32_t session) {
    const auto record = store().FindSession(SessionIdOf(session));
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() && record->ended;
  }

 private:
  std::unique_ptr<StoreBackend> backend_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Backends, SessionStoreConformance, EveryBackend(), BackendName);

TEST_P(SessionStoreConformance, FindsWhatWasBegun) {
  NewSession session = NewSessionOf(1);
  session.record.client = storage::SessionClient::kConfidential;
  session.record.dpop_jkt = "thumbprint";
  EXPECT_EQ(store().FindSession(SessionIdOf(1)).status().code(), absl::StatusCode::kNotFound);
  ASSERT_EQ(Begin(session), BeginOutcome::Kind::kBegun);
  Reopen();
  const auto found = store().FindSession(SessionIdOf(1));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, session.record);
  EXPECT_EQ(Begin(session), BeginOutcome::Kind::kIdExists);
}

TEST_P(SessionStoreConformance, EveryUseOfATokenYieldsTheSameSuccessor) {
  Begin(NewSessionOf(1));
  const RotateOutcome first = Rotate(RotationOf(0, 1, 10));
  EXPECT_EQ(first.kind, Kind::kRotated);
  EXPECT_EQ(first.successor, RefreshIdOf(1));
  EXPECT_EQ(first.successor_expire_time, At(1010));
  Reopen();
  const RotateOutcome again = Rotate(RotationOf(0, 2, 50));
  EXPECT_EQ(again.kind, Kind::kRotated);
  EXPECT_EQ(again.successor, RefreshIdOf(1));
  EXPECT_EQ(again.successor_expire_time, At(1010)) << "the successor keeps its first expiry";
  EXPECT_EQ(KindOf(RotationOf(2, 3, 51)), Kind::kNotHeld) << "an id that was not used names nothing";
}

TEST_P(SessionStoreConformance, GraceBeginsWithTheFirstUseAndIsNotExtended) {
  Begin(NewSessionOf(1));
  Rotate(RotationOf(0, 1, 10));
  EXPECT_EQ(KindOf(RotationOf(0, 2, 109)), Kind::kRotated);
  Rotation last = RotationOf(0, 2, 110);
  EXPECT_EQ(KindOf(last), Kind::kNotHeld);
  last.now -= kTick;
  EXPECT_EQ(KindOf(last), Kind::kRotated);
  EXPECT_EQ(KindOf(RotationOf(1, 2, 500)), Kind::kRotated) << "the chain goes on";
}

TEST_P(SessionStoreConformance, GraceNeverOutlivesTheTokenItself) {
  Begin(NewSessionOf(1));
  Rotate(RotationOf(0, 1, 950));
  EXPECT_EQ(KindOf(RotationOf(0, 2, 999)), Kind::kRotated);
  EXPECT_EQ(KindOf(RotationOf(0, 2, 1000)), Kind::kNotHeld);
}

TEST_P(SessionStoreConformance, AGrandparentYieldsItsSuccessorWithWhatIsLeftOfItsGrace) {
  Begin(NewSessionOf(1));
  Rotate(RotationOf(0, 1, 10));
  Rotate(RotationOf(1, 2, 20));
  const RotateOutcome replay = Rotate(RotationOf(0, 3, 30));
  EXPECT_EQ(replay.kind, Kind::kRotated);
  EXPECT_EQ(replay.successor, RefreshIdOf(1));
  EXPECT_EQ(replay.successor_expire_time, At(120));
  EXPECT_EQ(Rotate(RotationOf(1, 3, 40)).successor, RefreshIdOf(2)) << "and leads back to the one chain";
}

TEST_P(SessionStoreConformance, AnUnusedTokenHoldsUntilItExpires) {
  Begin(NewSessionOf(1));
  EXPECT_EQ(KindOf(RotationOf(0, 1, 1000)), Kind::kNotHeld);
  EXPECT_EQ(KindOf(RotationOf(0, 1, 999)), Kind::kRotated);
}

TEST_P(SessionStoreConformance, RotatingMovesTheExpiryOfTheSession) {
  Begin(NewSessionOf(1));
  Rotate(RotationOf(0, 1, 500));
  EXPECT_EQ(store().FindSession(SessionIdOf(1))->expire_time, At(1500));
}

TEST_P(SessionStoreConformance, TokensOfOtherSessionsAndAccountsAreNotHeld) {
  Begin(NewSessionOf(1));
  Begin(NewSessionOf(2, kBob));
  Rotation other_account = RotationOf(0, 1, 10);
  other_account.did = kBob;
  EXPECT_EQ(KindOf(other_account), Kind::kNotHeld);
  Rotation unknown_session = RotationOf(0, 1, 10);
  unknown_session.session = SessionIdOf(3);
  EXPECT_EQ(KindOf(unknown_session), Kind::kNotHeld);
  Rotate(RotationOf(0, 1, 10));
  Rotation other_session = RotationOf(1, 2, 20);
  other_session.session = SessionIdOf(2);
  other_session.did = kBob;
  EXPECT_EQ(KindOf(other_session), Kind::kNotHeld);
}

TEST_P(SessionStoreConformance, ASuccessorMustHaveAnIdOfItsOwn) {
  Begin(NewSessionOf(1));
  EXPECT_EQ(store().Rotate(RotationOf(0, 0, 10)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(KindOf(RotationOf(0, 1, 10)), Kind::kRotated) << "the refused one changed nothing";
}

TEST_P(SessionStoreConformance, EndingASessionEndsTheWholeChain) {
  Begin(NewSessionOf(1));
  Begin(NewSessionOf(2));
  Rotate(RotationOf(0, 1, 10));
  EXPECT_TRUE(*store().EndSession(SessionIdOf(1), At(20), kOperator));
  EXPECT_FALSE(*store().EndSession(SessionIdOf(1), At(21), kOperator));
  EXPECT_FALSE(*store().EndSession(SessionIdOf(9), At(21), kOperator));
  Reopen();
  EXPECT_EQ(KindOf(RotationOf(0, 2, 30)), Kind::kNotHeld);
  EXPECT_EQ(KindOf(RotationOf(1, 2, 30)), Kind::kNotHeld);
  EXPECT_TRUE(IsEnded(1));
  EXPECT_FALSE(IsEnded(2));
}

TEST_P(SessionStoreConformance, RevokingTheAccountEndsSessionsBegunBeforeAndNoneAfter) {
  Begin(NewSessionOf(1));
  Begin(NewSessionOf(2, kBob));
  EXPECT_EQ(*tokens().RevokeAll(kAlice, At(10)), 0) << "counts tokens, of which there are none";
  Begin(NewSessionOf(3));
  Reopen();
  EXPECT_EQ(KindOf(RotationOf(0, 1, 20)), Kind::kNotHeld);
  EXPECT_TRUE(IsEnded(1));
  EXPECT_FALSE(IsEnded(2));
  EXPECT_FALSE(IsEnded(3));
  EXPECT_FALSE(*store().EndSession(SessionIdOf(1), At(30), kOperator)) << "it had ended";
  EXPECT_EQ(*tokens().RevokeAll(kAlice, At(40)), 0);
  EXPECT_TRUE(IsEnded(3));
}

TEST_P(SessionStoreConformance, RevocationHoldsForASessionThatHadExpiredByAClockSinceSteppedBack) {
  Begin(NewSessionOf(1));
  ASSERT_TRUE(tokens().RevokeAll(kAlice, At(5000)).ok());
  EXPECT_EQ(KindOf(RotationOf(0, 1, 20)), Kind::kNotHeld);
}

TEST_P(SessionStoreConformance, TakendownAndSuspendedAccountsHaveNoSessionsDeactivatedOnesDo) {
  Begin(NewSessionOf(1));
  struct Case {
    AccountStatus status;
    bool may;
  };
  uint32_t next = 1;
  for (const Case& each : {Case{AccountStatus::kTakedown, false}, Case{AccountStatus::kSuspended, false},
                           Case{AccountStatus::kDeactivated, true}, Case{AccountStatus::kActive, true}}) {
    ASSERT_TRUE(*tokens().SetAccountStatus(kAlice, each.status, At(next)));
    EXPECT_EQ(Begin(NewSessionOf(10 + next)),
              each.may ? BeginOutcome::Kind::kBegun : BeginOutcome::Kind::kAccountInactive);
    const RotateOutcome outcome = Rotate(RotationOf(0, 1, 20));
    EXPECT_EQ(outcome.kind, each.may ? Kind::kRotated : Kind::kAccountInactive);
    EXPECT_EQ(outcome.account_status, each.status);
    EXPECT_EQ(store().FindSession(SessionIdOf(1))->account_status, each.status);
    ++next;
  }
}

TEST_P(SessionStoreConformance, AnInactiveAccountShowsBeforeWhetherTheTokenHolds) {
  ASSERT_TRUE(*tokens().SetAccountStatus(kAlice, AccountStatus::kTakedown, At(0)));
  EXPECT_EQ(KindOf(RotationOf(7, 8, 20)), Kind::kAccountInactive);
}

TEST_P(SessionStoreConformance, LiveSessionsAreLimitedAndEndingExpiryOrRevocationMakesRoom) {
  const auto begin = [&](uint32_t number, int64_t now) {
    NewSession session = NewSessionOf(number);
    session.record.create_time = At(now);
    session.record.expire_time = At(now + 1000);
    session.max_live = 2;
    return Begin(session);
  };
  EXPECT_EQ(begin(1, 0), BeginOutcome::Kind::kBegun);
  EXPECT_EQ(begin(2, 0), BeginOutcome::Kind::kBegun);
  EXPECT_EQ(begin(3, 0), BeginOutcome::Kind::kLiveLimitReached);
  NewSession of_bob = NewSessionOf(4, kBob);
  of_bob.max_live = 1;
  EXPECT_EQ(Begin(of_bob), BeginOutcome::Kind::kBegun);
  ASSERT_TRUE(*store().EndSession(SessionIdOf(2), At(1), kOperator));
  EXPECT_EQ(begin(5, 1), BeginOutcome::Kind::kBegun);
  Rotate(RotationOf(0, 1, 500));  // Session 1 lives until second 1500.
  EXPECT_EQ(begin(6, 1000), BeginOutcome::Kind::kLiveLimitReached);
  EXPECT_EQ(begin(6, 1001), BeginOutcome::Kind::kBegun) << "session 5 has expired";
  EXPECT_EQ(begin(7, 1001), BeginOutcome::Kind::kLiveLimitReached);
  ASSERT_TRUE(tokens().RevokeAll(kAlice, At(1002)).ok());
  EXPECT_EQ(begin(8, 1002), BeginOutcome::Kind::kBegun);
}

TEST_P(SessionStoreConformance, SweptSessionsAreForgottenAndOthersAreNot) {
  Begin(NewSessionOf(1));
  Begin(NewSessionOf(2));
  Begin(NewSessionOf(3));
  Rotate(RotationOf(0, 1, 500));
  ASSERT_TRUE(*store().EndSession(SessionIdOf(3), At(10), kOperator));
  ASSERT_TRUE(tokens().Sweep({At(1001), absl::InfinitePast()}).ok());
  Reopen();
  EXPECT_TRUE(store().FindSession(SessionIdOf(1)).ok()) << "lives until second 1500";
  EXPECT_TRUE(absl::IsNotFound(store().FindSession(SessionIdOf(2)).status()));
  EXPECT_TRUE(absl::IsNotFound(store().FindSession(SessionIdOf(3)).status()));
  EXPECT_EQ(KindOf(RotationOf(1, 2, 1002)), Kind::kRotated);
  EXPECT_EQ(KindOf(RotationOf(0, 2, 550)), Kind::kNotHeld) << "swept, whatever the clock says";
}

TEST_P(SessionStoreConformance, ArgumentsThatBreakARuleAreInvalidAndChangeNothing) {
  const std::vector<std::function<void(NewSession&)>> bad_sessions = {
      [](NewSession& s) { s.record.did = ""; },
      [](NewSession& s) { s.record.did = std::string("a\0b", 3); },
      [](NewSession& s) { s.record.expire_time = absl::InfiniteFuture(); },
      [](NewSession& s) { s.record.create_time += absl::Nanoseconds(1); },
      [](NewSession& s) { s.record.ended = true; },
      [](NewSession& s) { s.record.account_status = AccountStatus::kTakedown; }};
  for (size_t i = 0; i < bad_sessions.size(); ++i) {
    NewSession session = NewSessionOf(1);
    bad_sessions[i](session);
    EXPECT_EQ(store().Begin(session).status().code(), absl::StatusCode::kInvalidArgument) << i;
  }
  EXPECT_FALSE(store().FindSession(SessionIdOf(1)).ok());
  Begin(NewSessionOf(1));
  const std::vector<std::function<void(Rotation&)>> bad_rotations = {
      [](Rotation& r) { r.did = ""; }, [](Rotation& r) { r.now = absl::InfiniteFuture(); },
      [](Rotation& r) { r.grace = absl::Seconds(-1); }, [](Rotation& r) { r.grace = absl::InfiniteDuration(); },
      [](Rotation& r) { r.successor_expire_time += absl::Nanoseconds(1); }};
  for (size_t i = 0; i < bad_rotations.size(); ++i) {
    Rotation rotation = RotationOf(0, 1, 10);
    bad_rotations[i](rotation);
    EXPECT_EQ(store().Rotate(rotation).status().code(), absl::StatusCode::kInvalidArgument) << i;
  }
  EXPECT_EQ(store().EndSession(SessionIdOf(1), absl::InfinitePast(), kOperator).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Rotate(RotationOf(0, 5, 10)).successor, RefreshIdOf(5));
}

TEST_P(SessionStoreConformance, AnyNumberOfRotationsAtOnceYieldOneSuccessor) {
  for (const int parallel : {10, 100}) {
    const uint32_t number = static_cast<uint32_t>(parallel);
    Begin(NewSessionOf(number));
    std::vector<std::thread> threads;
    std::vector<storage::RefreshId> successors(parallel);
    std::atomic<int> waiting = parallel;
    for (int i = 0; i < parallel; ++i) {
      threads.emplace_back([&, i] {
        Rotation rotation = RotationOf(0, static_cast<uint32_t>(i + 1), 10);
        rotation.session = SessionIdOf(number);
        --waiting;
        while (waiting > 0) std::this_thread::yield();
        const auto outcome = store().Rotate(rotation);
        if (outcome.ok() && outcome->kind == Kind::kRotated) successors[i] = outcome->successor;
      });
    }
    for (std::thread& thread : threads) thread.join();
    const std::set<storage::RefreshId> different(successors.begin(), successors.end());
    EXPECT_EQ(different.size(), 1u) << parallel;
    EXPECT_NE(*different.begin(), storage::RefreshId()) << "a rotation was refused";
  }
}

}  // namespace
}  // namespace tokens::testing
