// Who comes while a write is under way goes with the next one, in the order of coming.
#include "storage/group_commit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tokens::testing {
namespace {

using storage::GroupCommit;
using ::testing::ElementsAre;

// Writes into memory. Holds each write up until it is let go on, and gives it the status that is set.
class Disk {
 public:
  absl::Status Write(const std::vector<int*>& group) {
    ++writers_;
    EXPECT_EQ(writers_, 1) << "two writers at a time";
    while (held_) std::this_thread::yield();
    std::vector<int> numbers;
    for (const int* number : group) numbers.push_back(*number);
    groups.push_back(numbers);
    --writers_;
    return std::exchange(next_status, absl::OkStatus());
  }
  void AwaitWriter() const {
    while (writers_ == 0) std::this_thread::yield();
  }
  void Hold() { held_ = true; }
  void LetGo() { held_ = false; }

  std::vector<std::vector<int>> groups;  // By whoever writes; read when nobody does.
  absl::Status next_status;

 private:
  std::atomic<bool> held_ = false;
  std::atomic<int> writers_ = 0;
};

class GroupCommitTest : public ::testing::Test {
 protected:
  absl::Status Commit(int number) { return commits_.Commit(number); }

  // Starts a commit and returns once it waits behind those before it.
  std::thread CommitInBackground(int number, absl::Status* status) {
    const size_t before = commits_.waiting();
    std::thread thread([this, number, status] { *status = Commit(number); });
    while (commits_.waiting() == before) std::this_thread::yield();
    return thread;
  }

  Disk disk_;
  GroupCommit<int> commits_{[this](const std::vector<int*>& group) { return disk_.Write(group); }};
};

TEST_F(GroupCommitTest, AloneItIsAGroupOfOne) {
  EXPECT_EQ(Commit(1), absl::OkStatus());
  EXPECT_EQ(Commit(2), absl::OkStatus());
  EXPECT_THAT(disk_.groups, ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_F(GroupCommitTest, ThoseThatComeDuringAWriteShareTheNextInTheOrderOfComing) {
  disk_.Hold();
  std::vector<absl::Status> statuses(4, absl::UnknownError("not written"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.push_back(CommitInBackground(i, &statuses[i]));
    disk_.AwaitWriter();
  }
  disk_.LetGo();
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(disk_.groups, ElementsAre(ElementsAre(0), ElementsAre(1, 2, 3)));
  for (const absl::Status& status : statuses) EXPECT_EQ(status, absl::OkStatus());
}

TEST_F(GroupCommitTest, FailureIsThatOfItsGroupAlone) {
  disk_.Hold();
  disk_.next_status = absl::UnavailableError("no");
  std::vector<absl::Status> statuses(3, absl::UnknownError("not written"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.push_back(CommitInBackground(i, &statuses[i]));
    disk_.AwaitWriter();
  }
  disk_.LetGo();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(statuses[0], absl::UnavailableError("no"));
  EXPECT_EQ(statuses[1], absl::OkStatus());
  EXPECT_EQ(statuses[2], absl::OkStatus());
  EXPECT_EQ(Commit(3), absl::OkStatus());
}

TEST_F(GroupCommitTest, ManyThreadsLoseNothingAndKeepTheirOwnOrder) {
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      for (int n = 0; n < kEach; ++n) EXPECT_EQ(Commit(i * kEach + n), absl::OkStatus());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int> next(kThreads, 0);
  for (const std::vector<int>& group : disk_.groups) {
    for (const int number : group) EXPECT_EQ(number % kEach, next[number / kEach]++);
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kEach));
}

}  // namespace
}  // namespace tokens::testing
