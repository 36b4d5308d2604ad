// Replays random operations on a RocksDB store and on the memory store: every answer must be the same.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/storage/store_backend.h"
#include "tests/storage/test_records.h"

namespace tokens::testing {
namespace {

using storage::AccountStatus;
using storage::InsertOutcome;
using storage::ListCursor;
using storage::ListPage;
using storage::NewToken;
using storage::OneTimeKey;
using storage::SweepCutoffs;
using storage::TokenRecord;
using storage::TokenStore;

constexpr int kOperations = 400;
constexpr uint64_t kSeeds = 8;

// One operation on any store, giving its whole answer as text.
using Operation = std::function<std::string(TokenStore&)>;

std::string Text(absl::Time time) { return absl::StrCat(absl::ToUnixMicros(time)); }

std::string Text(const TokenRecord& record) {
  return absl::StrCat(absl::BytesToHexString(record.digest.bytes()), " ", record.did, " ", record.profile, " ",
                      Text(record.issue_time), " ", Text(record.expire_time), " ",
                      record.revoke_time ? Text(*record.revoke_time) : "live", " ",
                      record.last_use_time ? Text(*record.last_use_time) : "unused", " ", record.account_status);
}

std::string Text(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

// Draws from spaces so small that operations meet each other often.
class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  Operation Next() {
    const int kind = Below(100);
    if (kind < 40) return Insert();
    if (kind < 55) return Find();
    if (kind < 60) return FindById();
    if (kind < 75) return Revoke();
    if (kind < 79) return RevokeAll();
    if (kind < 82) return SetAccountStatus();
    if (kind < 84) return FindAccount();
    if (kind < 88) return RecordUses();
    if (kind < 95) return List();
    return Sweep();
  }

 private:
  // Advances slowly, so that expiry and sweeps bite in the course of a run; may step back.
  absl::Time Now() { return At(clock_ += Below(4) - 1) + kTick * Below(3); }
  storage::TokenDigest AnyDigest() { return Digest(Below(60)); }
  std::string AnyDid() { return absl::StrCat("did:x:", std::string(1 + Below(3), 'a')); }

  std::optional<OneTimeKey> AnyKey() {
    if (Below(3) > 0) return std::nullopt;
    return OneTimeKey{absl::StrCat("key", Below(4)), At(clock_ + Below(20)) + kTick * Below(3)};
  }

  Operation Insert() {
    NewToken token;
    token.record = Record(0);
    token.record.digest = AnyDigest();
    token.record.did = AnyDid();
    token.record.profile = absl::StrCat("p", Below(2));
    token.now = Now();
    token.record.issue_time = At(clock_ + Below(3)) + kTick * Below(2);
    token.record.expire_time = At(clock_ + Below(60)) + kTick * Below(3);
    token.max_live = 1 + Below(6);
    token.idempotency_key = AnyKey();
    token.single_use_id = AnyKey();
    return [token](TokenStore& store) {
      const absl::StatusOr<InsertOutcome> outcome = store.Insert(token);
      if (!outcome.ok()) return Text(outcome.status());
      return absl::StrCat("insert ", outcome->kind, " ",
                          outcome->earlier ? absl::BytesToHexString(outcome->earlier->bytes()) : "");
    };
  }
  Operation Find() {
    return [digest = AnyDigest()](TokenStore& store) {
      const absl::StatusOr<TokenRecord> record = store.Find(digest);
      return absl::StrCat("find ", record.ok() ? Text(*record) : Text(record.status()));
    };
  }
  Operation FindById() {
    return [id = std::string(AnyDigest().bytes().substr(0, 16))](TokenStore& store) {
      const absl::StatusOr<storage::TokenDigest> digest = store.FindById(id);
      return absl::StrCat("id ", digest.ok() ? absl::BytesToHexString(digest->bytes()) : Text(digest.status()));
    };
  }
  Operation Revoke() {
    return [digest = AnyDigest(), at = Now()](TokenStore& store) {
      const absl::StatusOr<bool> revoked = store.Revoke(digest, at, kOperator);
      return absl::StrCat("revoke ", revoked.ok() ? absl::StrCat(*revoked) : Text(revoked.status()));
    };
  }
  Operation RevokeAll() {
    return [did = AnyDid(), at = Now()](TokenStore& store) {
      const absl::StatusOr<int> revoked = store.RevokeAll(did, at, kOperator);
      return absl::StrCat("revoke all ", revoked.ok() ? absl::StrCat(*revoked) : Text(revoked.status()));
    };
  }
  Operation RecordUses() {
    std::vector<storage::TokenUse> uses;
    for (int i = Below(6); i > 0; --i) uses.push_back({AnyDigest(), Now()});
    return [uses](TokenStore& store) { return "uses " + Text(store.RecordUses(uses)); };
  }

  Operation SetAccountStatus() {
    // Mostly active, for an inactive account takes no part in much.
    const auto status = static_cast<AccountStatus>(Below(2) * Below(4));
    return [did = AnyDid(), status, at = Now()](TokenStore& store) {
      const absl::StatusOr<bool> changed = store.SetAccountStatus(did, status, at, kOperator);
      return absl::StrCat("set status ", changed.ok() ? absl::StrCat(*changed) : Text(changed.status()));
    };
  }
  Operation FindAccount() {
    return [did = AnyDid()](TokenStore& store) {
      const absl::StatusOr<storage::Account> account = store.FindAccount(did);
      if (!account.ok()) return Text(account.status());
      return absl::StrCat("account ", account->status, " ", account->status_time ? Text(*account->status_time) : "");
    };
  }
  Operation List() {
    std::optional<ListCursor> after;
    if (Below(2) == 0) after = ListCursor{Now(), AnyDigest()};
    return [did = AnyDid(), after, limit = 1 + Below(8)](TokenStore& store) {
      const absl::StatusOr<ListPage> page = store.List(did, after, limit);
      if (!page.ok()) return Text(page.status());
      std::vector<std::string> lines = {"list"};
      for (const TokenRecord& record : page->records) lines.push_back(Text(record));
      if (page->next) lines.push_back("next " + Text(page->next->issue_time));
      return absl::StrJoin(lines, "\n");
    };
  }
  Operation Sweep() {
    const SweepCutoffs cutoffs = {At(clock_ - Below(30)) + kTick * Below(2), At(clock_ - Below(30))};
    return [cutoffs](TokenStore& store) { return "sweep " + Text(store.Sweep(cutoffs)); };
  }

  std::mt19937_64 random_;
  int clock_ = 0;
};

std::vector<uint64_t> Seeds() {
  uint64_t seed = 0;
  if (const char* given = std::getenv("TOKENS_TEST_SEED")) {
    if (absl::SimpleAtoi(given, &seed)) return {seed};
    ADD_FAILURE() << "TOKENS_TEST_SEED is not a number";
  }
  std::random_device random;
  std::vector<uint64_t> seeds;
  for (uint64_t i = 0; i < kSeeds; ++i) seeds.push_back(random());
  return seeds;
}

TEST(TokenStoreDifferential, RocksDbAnswersAsMemoryDoes) {
  for (const uint64_t seed : Seeds()) {
    SCOPED_TRACE(absl::StrCat("repeat with TOKENS_TEST_SEED=", seed));
    std::cout << "TOKENS_TEST_SEED=" << seed << std::endl;
    Generator generator(seed);
    MemoryBackend memory;
    RocksDbBackend rocksdb;
    ASSERT_EQ(rocksdb.Reopen(), absl::OkStatus());
    for (int i = 0; i < kOperations; ++i) {
      const int disturbance = generator.Below(100);
      if (disturbance == 0) {
        ASSERT_EQ(rocksdb.Reopen(), absl::OkStatus());
      }
      if (disturbance == 1) {
        ASSERT_EQ(rocksdb.store().Compact(), absl::OkStatus());
      }
      const Operation operation = generator.Next();
      ASSERT_EQ(operation(rocksdb.store()), operation(memory.store())) << "operation " << i;
    }
  }
}

}  // namespace
}  // namespace tokens::testing
