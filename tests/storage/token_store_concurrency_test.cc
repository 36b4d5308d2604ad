// Each method is one atomic change, however many threads call it.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/storage/store_backend.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using storage::NewToken;
using storage::OneTimeKey;
using storage::TokenRecord;
using storage::TokenStore;
using Kind = storage::InsertOutcome::Kind;

constexpr int kThreads = 8;

class TokenStoreConcurrency : public ::testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override { ASSERT_EQ(backend_->Reopen(), absl::OkStatus()); }
  TokenStore& store() { return backend_->store(); }

  // Runs `work(0)` to `work(kThreads - 1)` at once.
  static void AtOnce(const std::function<void(int)>& work) {
    std::atomic<int> waiting = kThreads;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        --waiting;
        while (waiting > 0) std::this_thread::yield();
        work(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // How many of the inserts that `make` gives the threads had each outcome.
  int CountAtOnce(Kind kind, const std::function<NewToken(int)>& make) {
    std::atomic<int> count = 0;
    AtOnce([&](int i) {
      const auto outcome = store().Insert(make(i));
      if (outcome.ok() && outcome->kind == kind) ++count;
    });
    return count;
  }

 private:
  std::unique_ptr<StoreBackend> backend_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Backends, TokenStoreConcurrency, EveryBackend(), BackendName);

TEST_P(TokenStoreConcurrency, InsertsOfOneAccountNeverExceedItsLimit) {
  for (uint32_t round = 0; round < 10; ++round) {
    const int inserted = CountAtOnce(Kind::kInserted, [round](int i) {
      NewToken token = NewFor("did:x:" + std::to_string(round), round * kThreads + i);
      token.max_live = 3;
      return token;
    });
    EXPECT_EQ(inserted, 3);
  }
}

TEST_P(TokenStoreConcurrency, OneIdempotencyKeyHasOneWinnerWhomAllOthersName) {
  for (uint32_t round = 0; round < 10; ++round) {
    std::atomic<int> winner = -1;
    std::atomic<int> winners = 0;
    std::vector<std::optional<storage::TokenDigest>> named(kThreads);
    AtOnce([&](int i) {
      NewToken token = New(round * kThreads + i);
      token.idempotency_key = OneTimeKey{"key" + std::to_string(round), At(10)};
      const auto outcome = store().Insert(token);
      if (outcome.ok() && outcome->kind == Kind::kInserted) {
        winner = i;
        ++winners;
      } else if (outcome.ok()) {
        named[i] = outcome->earlier;
      }
    });
    ASSERT_EQ(winners, 1);
    for (int i = 0; i < kThreads; ++i) {
      if (i == winner) continue;
      EXPECT_EQ(named[i], Digest(round * kThreads + winner));
    }
  }
}

TEST_P(TokenStoreConcurrency, OneSingleUseIdHasOneWinner) {
  for (uint32_t round = 0; round < 10; ++round) {
    EXPECT_EQ(CountAtOnce(Kind::kInserted,
                          [round](int i) {
                            NewToken token = New(round * kThreads + i);
                            token.single_use_id = OneTimeKey{"jti" + std::to_string(round), At(10)};
                            return token;
                          }),
              1);
  }
}

TEST_P(TokenStoreConcurrency, OneDigestHasOneOwnerThoughEachThreadInsertsItForAnotherAccount) {
  for (uint32_t round = 0; round < 10; ++round) {
    EXPECT_EQ(CountAtOnce(Kind::kInserted, [round](int i) { return NewFor("did:x:" + std::to_string(i), round); }), 1);
    int owners = 0;
    for (int i = 0; i < kThreads; ++i) {
      const storage::ListPage page = store().List("did:x:" + std::to_string(i), std::nullopt, 100).value();
      for (const TokenRecord& record : page.records) {
        if (record.digest == Digest(round)) ++owners;
      }
    }
    EXPECT_EQ(owners, 1);
  }
}

TEST_P(TokenStoreConcurrency, OneOfManyRevocationsEndsTheToken) {
  for (uint32_t round = 0; round < 10; ++round) {
    ASSERT_EQ(store().Insert(New(round))->kind, Kind::kInserted);
    std::atomic<int> ended = 0;
    std::atomic<int> by = -1;
    AtOnce([&](int i) {
      if (i == 0) {
        ended += store().RevokeAll(kAlice, At(50), kOperator).value();
      } else if (store().Revoke(Digest(round), At(i), kOperator).value()) {
        ++ended;
        by = i;
      }
    });
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(store().Find(Digest(round))->revoke_time, by < 0 ? At(50) : At(by));
  }
}

TEST_P(TokenStoreConcurrency, InsertAmongRevocationsOfTheAccountIsEitherBeforeOrAfterEach) {
  // Each thread inserts, then revokes the whole account: what a thread inserted is over once its own RevokeAll
  // returned, and in the end every token was counted by exactly one of them.
  std::atomic<int> ended = 0;
  std::atomic<int> survivors = 0;
  constexpr int kRounds = 5;
  AtOnce([&](int i) {
    for (int round = 0; round < kRounds; ++round) {
      const uint32_t number = i * kRounds + round;
      if (store().Insert(New(number))->kind != Kind::kInserted) ++survivors;
      ended += store().RevokeAll(kAlice, At(1), kOperator).value();
      if (!store().Find(Digest(number))->revoke_time) ++survivors;
    }
  });
  EXPECT_EQ(survivors, 0);
  EXPECT_EQ(ended, kThreads * kRounds);
}

TEST_P(TokenStoreConcurrency, NothingIsInsertedOnceTheAccountIsInactive) {
  std::atomic<bool> inactive = false;
  std::atomic<int> late = 0;
  AtOnce([&](int i) {
    if (i == 0) {
      ASSERT_TRUE(store().SetAccountStatus(kAlice, storage::AccountStatus::kTakedown, At(1), kOperator).value());
      inactive = true;
      return;
    }
    for (uint32_t round = 0; round < 20; ++round) {
      const bool before = inactive;
      const auto outcome = store().Insert(New(100 * i + round));
      if (before && outcome->kind != Kind::kAccountInactive) ++late;
    }
  });
  EXPECT_EQ(late, 0);
}

TEST_P(TokenStoreConcurrency, StatusAndRevocationsAtOnceLoseNeither) {
  for (uint32_t round = 0; round < 10; ++round) {
    const std::string did = "did:plc:" + std::to_string(round);
    ASSERT_EQ(store().Insert(NewFor(did, round))->kind, Kind::kInserted);
    std::atomic<int> ended = 0;
    AtOnce([&](int i) {
      if (i % 2 == 0) {
        ended += store().RevokeAll(did, At(1), kOperator).value();
      } else {
        ASSERT_TRUE(store().SetAccountStatus(did, storage::AccountStatus::kTakedown, At(1), kOperator).ok());
      }
    });
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(store().FindAccount(did)->status, storage::AccountStatus::kTakedown);
    EXPECT_EQ(store().Find(Digest(round))->revoke_time, At(1));
  }
}

TEST_P(TokenStoreConcurrency, ReadsAmongSweepsNeverSeeDamage) {
  std::atomic<int> wrong = 0;
  AtOnce([&](int i) {
    for (int round = 0; round < 20; ++round) {
      if (i == 0) {
        if (!store().Sweep({At(round), At(round)}).ok()) ++wrong;
      } else if (i == 1) {
        NewToken token = New(round);
        token.record.expire_time = At(round + 2);
        if (!store().Insert(token).ok()) ++wrong;
      } else if (!store().List(kAlice, std::nullopt, 100).ok()) {
        ++wrong;
      }
    }
  });
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tokens::testing
