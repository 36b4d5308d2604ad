#include "token_service/identity/did_resolver.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"
#include "token_service/base/mutex.h"
#include "token_service/identity/did_refresher.h"

namespace tokens {
namespace {

using testing::FakeClock;

constexpr char kDid[] = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
constexpr char kOtherDid[] = "did:plc:ragtjsm2j2vknwkz3zp4oxrd";
// Public keys whose private halves nobody needs.
constexpr char kOldKey[] = "zQ3shqwJEJyMBsBXCWyCBpUBMqxcon9oHB7mCvx4sSpMdLJwc";
constexpr char kNewKey[] = "zDnaembgSGUhZULN2Caob4HLJPaxBh92N7rtH21TErzqf8HQo";

const absl::Duration kTick = absl::Microseconds(1);

std::string DocumentJson(const std::string& did, const std::string& key) {
  return absl::StrCat(R"({"id":")", did, R"(","verificationMethod":[{"id":")", did,
                      R"(#atproto","type":"Multikey","controller":")", did, R"(","publicKeyMultibase":")", key,
                      R"("}]})");
}

std::string DidNumber(int number) {
  std::string did = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
  for (size_t i = did.size(); number > 0; number /= 26) did[--i] = static_cast<char>('a' + number % 26);
  return did;
}

// A directory whose answers the test sets. Thread-safe.
class FakeDirectory {
 public:
  // All DIDs have this key until told otherwise.
  void SetKey(const std::string& key) {
    MutexLock lock(mutex_);
    key_ = key;
    failure_ = absl::OkStatus();
  }
  void Fail(const absl::Status& failure) {
    MutexLock lock(mutex_);
    failure_ = failure;
  }
  // Makes fetches wait until Release.
  void Hold() {
    MutexLock lock(mutex_);
    held_ = true;
  }
  void Release() {
    MutexLock lock(mutex_);
    held_ = false;
    changed_.NotifyAll();
  }
  // Blocks until so many fetches have begun since the start.
  void AwaitFetches(int count) {
    MutexLock lock(mutex_);
    while (fetches_ < count) changed_.Wait(mutex_);
  }
  int fetches() {
    MutexLock lock(mutex_);
    return fetches_;
  }

  absl::StatusOr<std::string> Fetch(const std::string& did) {
    MutexLock lock(mutex_);
    ++fetches_;
    changed_.NotifyAll();
    while (held_) changed_.Wait(mutex_);
    if (!failure_.ok()) return failure_;
    return DocumentJson(did, key_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::string key_ ABSL_GUARDED_BY(mutex_) = kOldKey;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  int fetches_ ABSL_GUARDED_BY(mutex_) = 0;
};

class DidResolverTest : public ::testing::Test {
 protected:
  std::unique_ptr<DidResolver> NewResolver(const DidResolverOptions& options) {
    return std::make_unique<DidResolver>([this](const std::string& did) { return directory_.Fetch(did); }, clock_,
                                         options);
  }

  // The key that `did` resolves to, or the name of the error.
  static std::string KeyOf(DidResolver& resolver, const std::string& did, Freshness freshness) {
    const auto document = resolver.Resolve(did, freshness);
    if (!document.ok()) return absl::StatusCodeToString(document.status().code());
    EXPECT_EQ(document->did, did);
    return document->signing_key.ToDidKey().substr(std::string("did:key:").size());
  }
  std::string Cached(const std::string& did = kDid) { return KeyOf(*resolver_, did, Freshness::kCached); }
  std::string Forced(const std::string& did = kDid) { return KeyOf(*resolver_, did, Freshness::kForced); }

  FakeClock clock_;
  FakeDirectory directory_;
  const DidResolverOptions options_{};
  std::unique_ptr<DidResolver> resolver_ = NewResolver({});
};

TEST_F(DidResolverTest, TellsHowEachQuestionWasAnswered) {
  std::vector<DidOutcome> told;
  DidResolverOptions options;
  options.resolved = [&told](DidOutcome outcome) { told.push_back(outcome); };
  resolver_ = NewResolver(options);
  const auto outcome = [&] {
    EXPECT_EQ(told.size(), 1u);
    return std::exchange(told, {}).back();
  };
  Cached();
  EXPECT_EQ(outcome(), DidOutcome::kFetched);
  Cached();
  EXPECT_EQ(outcome(), DidOutcome::kFresh);
  clock_.Advance(options.fresh_for);
  Cached();
  EXPECT_EQ(outcome(), DidOutcome::kStale);
  resolver_->RefreshQueued();
  EXPECT_TRUE(told.empty()) << "nobody asked";
  Cached();
  EXPECT_EQ(outcome(), DidOutcome::kFresh);
  clock_.Advance(options.refetch_interval);
  Forced();
  EXPECT_EQ(outcome(), DidOutcome::kFetched);
  directory_.Fail(absl::NotFoundError("no"));
  for (int i = 0; i < 2; ++i) {
    Cached(kOtherDid);
    EXPECT_EQ(outcome(), DidOutcome::kAbsent);
  }
  directory_.Fail(absl::UnavailableError("down"));
  clock_.Advance(options.usable_for);
  Cached();
  EXPECT_EQ(outcome(), DidOutcome::kFailed);
}

TEST_F(DidResolverTest, AFreshDocumentIsNotFetchedAgain) {
  EXPECT_EQ(Cached(), kOldKey);
  directory_.SetKey(kNewKey);
  clock_.Advance(options_.fresh_for - kTick);
  EXPECT_EQ(Cached(), kOldKey);
  EXPECT_EQ(resolver_->RefreshQueued(), 0);
  EXPECT_EQ(directory_.fetches(), 1);
}

TEST_F(DidResolverTest, AStaleDocumentAnswersAtOnceAndIsRefreshedForTheNext) {
  EXPECT_EQ(Cached(), kOldKey);
  directory_.SetKey(kNewKey);
  clock_.Advance(options_.fresh_for);
  EXPECT_EQ(Cached(), kOldKey);
  EXPECT_EQ(directory_.fetches(), 1);
  EXPECT_EQ(resolver_->RefreshQueued(), 1);
  EXPECT_EQ(Cached(), kNewKey);
  EXPECT_EQ(directory_.fetches(), 2);
}

TEST_F(DidResolverTest, AStaleDocumentIsQueuedOnce) {
  Cached();
  clock_.Advance(options_.fresh_for);
  for (int i = 0; i < 5; ++i) Cached();
  EXPECT_EQ(resolver_->RefreshQueued(), 1);
}

TEST_F(DidResolverTest, AFailedRefreshKeepsTheDocumentUntilItsEnd) {
  Cached();
  directory_.Fail(absl::UnavailableError("down"));
  clock_.Advance(options_.usable_for - kTick);
  EXPECT_EQ(Cached(), kOldKey);
  EXPECT_EQ(resolver_->RefreshQueued(), 1);
  EXPECT_EQ(Cached(), kOldKey);
  clock_.Advance(kTick);
  EXPECT_EQ(Cached(), "UNAVAILABLE");
}

TEST_F(DidResolverTest, AFailedRefreshIsTriedAgainAfterTheInterval) {
  Cached();
  directory_.Fail(absl::UnavailableError("down"));
  clock_.Advance(options_.fresh_for);
  Cached();
  EXPECT_EQ(resolver_->RefreshQueued(), 1);
  clock_.Advance(options_.refetch_interval - kTick);
  Cached();
  EXPECT_EQ(resolver_->RefreshQueued(), 0);
  clock_.Advance(kTick);
  Cached();
  EXPECT_EQ(resolver_->RefreshQueued(), 1);
}

TEST_F(DidResolverTest, ADocumentAtItsEndIsFetchedBeforeTheAnswer) {
  Cached();
  directory_.SetKey(kNewKey);
  clock_.Advance(options_.usable_for);
  EXPECT_EQ(Cached(), kNewKey);
}

TEST_F(DidResolverTest, AClockSetBackMakesDocumentsOlder) {
  Cached();
  directory_.SetKey(kNewKey);
  clock_.Advance(-options_.usable_for);
  EXPECT_EQ(Cached(), kNewKey);
}

TEST_F(DidResolverTest, AMissingDidIsBelievedForAWhile) {
  directory_.Fail(absl::NotFoundError("no"));
  EXPECT_EQ(Cached(), "NOT_FOUND");
  directory_.SetKey(kNewKey);
  clock_.Advance(options_.absent_for - kTick);
  EXPECT_EQ(Cached(), "NOT_FOUND");
  EXPECT_EQ(directory_.fetches(), 1);
  clock_.Advance(kTick);
  EXPECT_EQ(Cached(), kNewKey);
}

TEST_F(DidResolverTest, NotFoundOnRefreshForgetsTheDocument) {
  Cached();
  clock_.Advance(options_.fresh_for);
  Cached();
  directory_.Fail(absl::NotFoundError("tombstone"));
  resolver_->RefreshQueued();
  EXPECT_EQ(Cached(), "NOT_FOUND");
  directory_.Fail(absl::UnavailableError("down"));
  clock_.Advance(options_.absent_for);
  EXPECT_EQ(Cached(), "UNAVAILABLE");
}

TEST_F(DidResolverTest, AForgottenDocumentStaysForgottenWhenItsAbsenceIs) {
  DidResolverOptions options;
  options.max_absent = 1;
  resolver_ = NewResolver(options);
  Cached(kDid);
  clock_.Advance(options.refetch_interval);
  directory_.Fail(absl::NotFoundError("tombstone"));
  EXPECT_EQ(Forced(kDid), "NOT_FOUND");
  EXPECT_EQ(Cached(kOtherDid), "NOT_FOUND");  // takes the one place there is
  directory_.Fail(absl::UnavailableError("down"));
  EXPECT_EQ(Cached(kDid), "UNAVAILABLE");
}

TEST_F(DidResolverTest, AFailureIsNotRemembered) {
  for (const absl::Status& failure : {absl::UnavailableError("down"), absl::DeadlineExceededError("slow")}) {
    directory_.Fail(failure);
    EXPECT_EQ(Cached(), absl::StatusCodeToString(failure.code()));
  }
  directory_.SetKey(kNewKey);
  EXPECT_EQ(Cached(), kNewKey);
}

TEST_F(DidResolverTest, AnyOtherErrorOfTheSourceIsAnOutage) {
  for (const absl::Status& failure : {absl::InternalError("x"), absl::InvalidArgumentError("x"),
                                      absl::DataLossError("x"), absl::PermissionDeniedError("x")}) {
    directory_.Fail(failure);
    EXPECT_EQ(Cached(), "UNAVAILABLE");
  }
}

TEST_F(DidResolverTest, AUselessDocumentIsNotFound) {
  directory_.SetKey("not a key");
  EXPECT_EQ(Cached(), "NOT_FOUND");
}

TEST_F(DidResolverTest, WhatIsNoAccountsDidIsNotFetched) {
  for (const char* did : {"", "did:key:abc", "did:plc:short", "did:web:a.com:path", "at://a.com"}) {
    EXPECT_EQ(Cached(did), "NOT_FOUND") << did;
    EXPECT_EQ(Forced(did), "NOT_FOUND") << did;
  }
  EXPECT_EQ(directory_.fetches(), 0);
}

TEST_F(DidResolverTest, AForcedFetchReplacesTheDocument) {
  Cached();
  directory_.SetKey(kNewKey);
  clock_.Advance(options_.refetch_interval);
  EXPECT_EQ(Forced(), kNewKey);
  EXPECT_EQ(Cached(), kNewKey);
}

TEST_F(DidResolverTest, AForcedFetchIsThrottledPerDid) {
  Cached();
  directory_.SetKey(kNewKey);
  clock_.Advance(options_.refetch_interval - kTick);
  EXPECT_EQ(Forced(), kOldKey);
  EXPECT_EQ(directory_.fetches(), 1);
  clock_.Advance(kTick);
  EXPECT_EQ(Forced(), kNewKey);
  EXPECT_EQ(Forced(), kNewKey);
  EXPECT_EQ(directory_.fetches(), 2);
}

TEST_F(DidResolverTest, AThrottledForcedFetchRepeatsTheFailureOfTheLast) {
  Cached();
  clock_.Advance(options_.refetch_interval);
  directory_.Fail(absl::UnavailableError("down"));
  EXPECT_EQ(Forced(), "UNAVAILABLE");
  directory_.SetKey(kNewKey);
  EXPECT_EQ(Forced(), "UNAVAILABLE");
  EXPECT_EQ(Cached(), kOldKey);
  EXPECT_EQ(directory_.fetches(), 2);
  clock_.Advance(options_.refetch_interval);
  EXPECT_EQ(Forced(), kNewKey);
}

TEST_F(DidResolverTest, ForcedNotFoundForgetsTheDocument) {
  Cached();
  clock_.Advance(options_.refetch_interval);
  directory_.Fail(absl::NotFoundError("tombstone"));
  EXPECT_EQ(Forced(), "NOT_FOUND");
  directory_.SetKey(kNewKey);
  EXPECT_EQ(Forced(), "NOT_FOUND");
  EXPECT_EQ(Cached(), "NOT_FOUND");
  EXPECT_EQ(directory_.fetches(), 2);
}

TEST_F(DidResolverTest, ForcedFetchesOfAllDidsShareALimit) {
  DidResolverOptions options;
  options.forced_burst = 2;
  options.forced_per_second = 1;
  resolver_ = NewResolver(options);
  for (int i = 0; i < 4; ++i) Cached(DidNumber(i));
  clock_.Advance(options.refetch_interval);
  EXPECT_EQ(Forced(DidNumber(0)), kOldKey);
  EXPECT_EQ(Forced(DidNumber(1)), kOldKey);
  EXPECT_EQ(Forced(DidNumber(2)), "UNAVAILABLE");
  EXPECT_EQ(Forced(DidNumber(0)), kOldKey);  // throttled for itself: costs nothing
  EXPECT_EQ(directory_.fetches(), 6);
  EXPECT_EQ(Cached(DidNumber(2)), kOldKey);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Forced(DidNumber(2)), kOldKey);
  EXPECT_EQ(Forced(DidNumber(3)), "UNAVAILABLE");
}

TEST_F(DidResolverTest, TheDocumentUnusedForLongestMakesRoom) {
  DidResolverOptions options;
  options.max_documents = 2;
  resolver_ = NewResolver(options);
  Cached(DidNumber(0));
  Cached(DidNumber(1));
  Cached(DidNumber(0));
  Cached(DidNumber(2));
  EXPECT_EQ(directory_.fetches(), 3);
  Cached(DidNumber(0));
  EXPECT_EQ(directory_.fetches(), 3);
  Cached(DidNumber(1));
  EXPECT_EQ(directory_.fetches(), 4);
}

TEST_F(DidResolverTest, MissingDidsDoNotDriveDocumentsOut) {
  DidResolverOptions options;
  options.max_documents = 2;
  options.max_absent = 2;
  resolver_ = NewResolver(options);
  Cached(kDid);
  directory_.Fail(absl::NotFoundError("no"));
  for (int i = 0; i < 10; ++i) Cached(DidNumber(i));
  EXPECT_EQ(Cached(kDid), kOldKey);
}

TEST_F(DidResolverTest, TheRefreshQueueIsBounded) {
  DidResolverOptions options;
  options.max_queued = 2;
  resolver_ = NewResolver(options);
  for (int i = 0; i < 3; ++i) Cached(DidNumber(i));
  clock_.Advance(options.fresh_for);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Cached(DidNumber(i)), kOldKey);
  EXPECT_EQ(resolver_->RefreshQueued(), 2);
  EXPECT_EQ(Cached(DidNumber(2)), kOldKey);
  EXPECT_EQ(resolver_->RefreshQueued(), 1);
}

TEST_F(DidResolverTest, CallersOfOneDidShareOneFetch) {
  directory_.Hold();
  std::vector<std::future<std::string>> callers;
  callers.push_back(std::async(std::launch::async, [this] { return Cached(); }));
  directory_.AwaitFetches(1);
  for (int i = 0; i < 8; ++i) {
    callers.push_back(std::async(std::launch::async, [this, i] { return i % 2 == 0 ? Cached() : Forced(); }));
  }
  auto other = std::async(std::launch::async, [this] { return Cached(kOtherDid); });
  directory_.AwaitFetches(2);  // another DID does not wait for the first
  directory_.Release();
  for (auto& caller : callers) EXPECT_EQ(caller.get(), kOldKey);
  EXPECT_EQ(other.get(), kOldKey);
  EXPECT_EQ(directory_.fetches(), 2);
}

TEST_F(DidResolverTest, AWaitForAnothersFetchEnds) {
  DidResolverOptions options;
  options.longest_wait = absl::Milliseconds(1);
  resolver_ = NewResolver(options);
  directory_.Hold();
  auto first = std::async(std::launch::async, [this] { return Cached(); });
  directory_.AwaitFetches(1);
  EXPECT_EQ(Cached(), "DEADLINE_EXCEEDED");
  directory_.Release();
  EXPECT_EQ(first.get(), kOldKey);
}

TEST_F(DidResolverTest, AStaleDocumentAnswersWhileItIsBeingFetched) {
  Cached();
  clock_.Advance(options_.fresh_for);
  Cached();
  directory_.Hold();
  auto refresh = std::async(std::launch::async, [this] { return resolver_->RefreshQueued(); });
  directory_.AwaitFetches(2);
  EXPECT_EQ(Cached(), kOldKey);
  directory_.SetKey(kNewKey);
  directory_.Release();
  EXPECT_EQ(refresh.get(), 1);
  EXPECT_EQ(Cached(), kNewKey);
}

TEST_F(DidResolverTest, TheRefresherWorksTheQueueOffAndStops) {
  const DidRefresher refresher(*resolver_, 2);
  Cached();
  directory_.SetKey(kNewKey);
  clock_.Advance(options_.fresh_for);
  EXPECT_EQ(Cached(), kOldKey);
  directory_.AwaitFetches(2);
}

}  // namespace
}  // namespace tokens
