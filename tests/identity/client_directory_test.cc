#include "token_service/identity/client_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"
#include "token_service/identity/client_rule.h"

namespace tokens {
namespace {

using Code = absl::StatusCode;

constexpr char kId[] = "https://app.example.com/client.json";

class ClientDirectoryTest : public ::testing::Test {
 protected:
  absl::StatusOr<HttpReply> Get(const std::string& url) {
    ++fetches_;
    if (!outage_.ok()) return outage_;
    const nlohmann::json document = {{"client_id", url},
                                     {"client_name", name_},
                                     {"scope", "atproto"},
                                     {"redirect_uris", {"https://app.example.com/cb"}},
                                     {"token_endpoint_auth_method", "none"},
                                     {"dpop_bound_access_tokens", dpop_}};
    return HttpReply{200, "application/json", document.dump()};
  }

  testing::FakeClock clock_;
  std::atomic<int> fetches_ = 0;
  absl::Status outage_;
  bool dpop_ = true;
  std::string name_ = "An app";
  ClientDirectoryOptions options_;
  ClientDirectory directory_{[this](const std::string& url) { return Get(url); }, clock_, options_};
};

TEST_F(ClientDirectoryTest, AClientIsFetchedOnceAndKeptForTenMinutes) {
  const auto client = directory_.Find(kId);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->type, ClientType::kPublic);
  EXPECT_EQ(client->name, "An app");
  name_ = "Renamed";
  clock_.Advance(options_.fresh_for - absl::Microseconds(1));
  EXPECT_EQ(directory_.Find(kId)->name, "An app");
  EXPECT_EQ(fetches_, 1);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(directory_.Find(kId)->name, "Renamed");
  EXPECT_EQ(fetches_, 2);
}

TEST_F(ClientDirectoryTest, TypeOfAnswersForSessions) {
  EXPECT_EQ(*directory_.TypeOf(kId), ClientType::kPublic);
  EXPECT_EQ(*directory_.TypeOf("http://localhost"), ClientType::kLoopback);
  EXPECT_EQ(RejectingRule(directory_.TypeOf("app").status()), "client_id_url");
  EXPECT_EQ(fetches_, 1);
}

TEST_F(ClientDirectoryTest, ARejectionIsBelievedForAMinute) {
  dpop_ = false;
  EXPECT_EQ(RejectingRule(directory_.Find(kId).status()), "dpop_bound_access_tokens");
  dpop_ = true;
  clock_.Advance(options_.rejected_for - absl::Microseconds(1));
  EXPECT_EQ(RejectingRule(directory_.Find(kId).status()), "dpop_bound_access_tokens");
  EXPECT_EQ(fetches_, 1);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_TRUE(directory_.Find(kId).ok());
  EXPECT_TRUE(directory_.Find(kId).ok()) << "the rejection is forgotten";
  EXPECT_EQ(fetches_, 2);
}

TEST_F(ClientDirectoryTest, AnOutageIsNoRejectionAndIsNotProbedAllTheTime) {
  for (const Code code : {Code::kUnavailable, Code::kDeadlineExceeded}) {
    outage_ = absl::Status(code, "down");
    const int before = fetches_;
    EXPECT_EQ(directory_.Find(kId).status().code(), code);
    clock_.Advance(options_.outage_for - absl::Microseconds(1));
    EXPECT_EQ(directory_.Find(kId).status().code(), code);
    EXPECT_EQ(fetches_, before + 1);
    clock_.Advance(absl::Microseconds(1));
  }
  outage_ = absl::OkStatus();
  EXPECT_TRUE(directory_.Find(kId).ok());
}

TEST_F(ClientDirectoryTest, AClientThatTurnsBadIsForgotten) {
  EXPECT_TRUE(directory_.Find(kId).ok());
  clock_.Advance(options_.fresh_for);
  dpop_ = false;
  EXPECT_FALSE(directory_.Find(kId).ok());
  clock_.Advance(-options_.fresh_for);
  EXPECT_EQ(RejectingRule(directory_.Find(kId).status()), "dpop_bound_access_tokens");
}

TEST_F(ClientDirectoryTest, AClockSetBackMakesKnowledgeOlder) {
  EXPECT_TRUE(directory_.Find(kId).ok());
  clock_.Advance(-options_.fresh_for);
  EXPECT_TRUE(directory_.Find(kId).ok());
  EXPECT_EQ(fetches_, 2);
}

TEST_F(ClientDirectoryTest, MadeUpClientsDoNotDriveOutRealOnes) {
  EXPECT_TRUE(directory_.Find(kId).ok());
  outage_ = absl::UnavailableError("down");
  for (size_t i = 0; i < options_.max_failures + 1; ++i) {
    EXPECT_FALSE(directory_.Find(absl::StrCat("https://app.example.com/", i)).ok());
  }
  EXPECT_TRUE(directory_.Find(kId).ok());
}

TEST(ClientDirectoryFlights, ThoseWhoAskTogetherShareOneFetch) {
  testing::FakeClock clock;
  Mutex mutex;
  CondVar changed;
  int fetches = 0;
  bool released = false;
  ClientDirectory directory(
      [&](const std::string&) -> absl::StatusOr<HttpReply> {
        MutexLock lock(mutex);
        ++fetches;
        changed.NotifyAll();
        while (!released) changed.Wait(mutex);
        return absl::UnavailableError("down");
      },
      clock, {});
  std::atomic<int> unavailable = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { unavailable += absl::IsUnavailable(directory.Find(kId).status()) ? 1 : 0; });
  }
  {
    MutexLock lock(mutex);
    while (fetches == 0) changed.Wait(mutex);
    released = true;
    changed.NotifyAll();
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(unavailable, 8);
  EXPECT_EQ(fetches, 1);
}

TEST(ClientDirectoryFlights, NobodyWaitsForAnothersFetchForever) {
  testing::FakeClock clock;
  Mutex mutex;
  CondVar changed;
  bool fetching = false;
  bool released = false;
  ClientDirectoryOptions options;
  options.longest_wait = absl::ZeroDuration();
  ClientDirectory directory(
      [&](const std::string&) -> absl::StatusOr<HttpReply> {
        MutexLock lock(mutex);
        fetching = true;
        changed.NotifyAll();
        while (!released) changed.Wait(mutex);
        return absl::UnavailableError("down");
      },
      clock, options);
  std::thread first([&] { EXPECT_TRUE(absl::IsUnavailable(directory.Find(kId).status())); });
  {
    MutexLock lock(mutex);
    while (!fetching) changed.Wait(mutex);
  }
  EXPECT_TRUE(absl::IsDeadlineExceeded(directory.Find(kId).status()));
  {
    MutexLock lock(mutex);
    released = true;
    changed.NotifyAll();
  }
  first.join();
}

}  // namespace
}  // namespace tokens
