// Every backend does what the model says, whatever the order of uses; and in parallel no chain ever forks.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "tests/storage/session_model.h"
#include "tests/storage/store_backend.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using storage::RefreshId;
using storage::RotateOutcome;
using storage::Rotation;

constexpr int64_t kLifetime = 1000;
constexpr int64_t kGrace = 100;

class SessionStoreModel : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }
  storage::Store& store() { return backend_->store(); }

  std::unique_ptr<StoreBackend> backend_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Backends, SessionStoreModel, EveryBackend(), BackendName);

Rotation MakeRotation(uint32_t session, uint32_t current, uint32_t successor, int64_t now) {
  Rotation rotation = RotationOf(current, successor, now);
  rotation.session = SessionIdOf(session);
  return rotation;
}

TEST_P(SessionStoreModel, RandomHistoriesOfUsesEndsRevocationsAndClockSteps) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  const auto pick = [&](int64_t low, int64_t high) { return std::uniform_int_distribution(low, high)(random); };
  std::vector<SessionModel> models;
  std::vector<uint32_t> issued;  // How many refresh tokens each session was ever offered; some were not taken.
  int64_t now = 0;
  for (int step = 0; step < 1500; ++step) {
    SCOPED_TRACE(::testing::Message() << "step " << step << " at second " << now);
    const int64_t what = pick(0, 99);
    if (models.empty() || what < 4) {
      storage::NewSession session = NewSessionOf(static_cast<uint32_t>(models.size()));
      session.record.create_time = At(now);
      session.record.expire_time = At(now + kLifetime);
      ASSERT_EQ(store().Begin(session)->kind, storage::BeginOutcome::Kind::kBegun);
      models.emplace_back(0, now + kLifetime);
      issued.push_back(1);
    } else if (what < 7) {
      const auto which = static_cast<uint32_t>(pick(0, static_cast<int64_t>(models.size()) - 1));
      ASSERT_EQ(*store().EndSession(SessionIdOf(which), At(now), kOperator), !models[which].ended());
      models[which].End();
    } else if (what < 8) {
      ASSERT_TRUE(backend_->store().RevokeAll(kAlice, At(now)).ok());
      for (SessionModel& model : models) model.End();
    } else if (what < 9) {
      ASSERT_EQ(backend_->Reopen(), absl::OkStatus());
    } else if (what < 25) {
      now += pick(-20, 120);
    } else {
      const auto newest = static_cast<int64_t>(models.size()) - 1;
      const auto which = static_cast<uint32_t>(pick(std::max<int64_t>(0, newest - 3), newest));
      const uint32_t successor = issued[which]++;
      const auto current = static_cast<uint32_t>(pick(std::max<int64_t>(0, int64_t{successor} - 8), successor - 1));
      const auto expected = models[which].Use(current, successor, now, kLifetime, kGrace);
      const auto outcome = store().Rotate(MakeRotation(which, current, successor, now));
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_EQ(outcome->kind == RotateOutcome::Kind::kRotated, expected.has_value());
      if (!expected) continue;
      ASSERT_EQ(outcome->successor, RefreshIdOf(expected->number));
      ASSERT_EQ(outcome->successor_expire_time, At(expected->expire));
    }
  }
}

// Clients that share a session, each refreshing whatever token it has seen, newest or not; one ends it.
TEST_P(SessionStoreModel, NoInterleavingOfRotationsForksAChain) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  constexpr int kClients = 8;
  constexpr int kRounds = 40;
  ASSERT_EQ(store().Begin(NewSessionOf(1))->kind, storage::BeginOutcome::Kind::kBegun);
  using Step = std::pair<RefreshId, RefreshId>;  // A token and what it yielded.
  std::vector<std::vector<Step>> seen(kClients);
  std::vector<int> held_after_end(kClients, 0);
  std::atomic<bool> ended = false;
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      std::mt19937_64 random(seed + static_cast<uint64_t>(client));
      std::vector<RefreshId> mine = {RefreshIdOf(0)};
      for (int round = 0; round < kRounds; ++round) {
        const size_t back = std::uniform_int_distribution<size_t>(0, std::min<size_t>(2, mine.size() - 1))(random);
        const RefreshId current = mine[mine.size() - 1 - back];
        Rotation rotation = RotationOf(0, static_cast<uint32_t>(1 + round * kClients + client), 10);
        rotation.current = current;
        const bool had_ended = ended;
        const auto outcome = store().Rotate(rotation);
        if (outcome.ok() && outcome->kind == RotateOutcome::Kind::kRotated) {
          seen[client].push_back({current, outcome->successor});
          mine.push_back(outcome->successor);
          if (had_ended) ++held_after_end[client];
        }
        if (client == 0 && round == kRounds * 3 / 4) {
          EXPECT_TRUE(*store().EndSession(SessionIdOf(1), At(10), kOperator));
          ended = true;
        }
      }
    });
  }
  for (std::thread& client : clients) client.join();
  std::map<RefreshId, RefreshId> successor_of;
  std::map<RefreshId, RefreshId> parent_of;
  for (const std::vector<Step>& steps : seen) {
    for (const Step& step : steps) {
      EXPECT_EQ(successor_of.insert(step).first->second, step.second) << "a token had two successors";
      EXPECT_EQ(parent_of.insert({step.second, step.first}).first->second, step.first) << "two tokens led to one";
    }
  }
  EXPECT_FALSE(successor_of.empty());
  EXPECT_EQ(held_after_end, std::vector<int>(kClients, 0));
}

}  // namespace
}  // namespace tokens::testing
