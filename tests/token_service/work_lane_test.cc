#include "token_service/work_lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"

namespace tokens {
namespace {

TEST(WorkLaneTest, OneThreadRunsInOrderOfSubmission) {
  std::vector<int> order;
  {
    WorkLane lane(1, 100);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(lane.Submit([&order, i] { order.push_back(i); }));
  }
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(WorkLaneTest, ThreadsBlockSideBySide) {
  constexpr int kThreads = 8;
  // Nobody passes the barrier until all eight stand at it. The last to leave deletes it.
  auto* barrier = new absl::Barrier(kThreads);
  std::atomic<int> done{0};
  {
    WorkLane lane(kThreads, kThreads);
    for (int i = 0; i < kThreads; ++i) {
      EXPECT_TRUE(lane.Submit([barrier, &done] {
        if (barrier->Block()) delete barrier;
        done.fetch_add(1);
      }));
    }
  }
  EXPECT_EQ(done.load(), kThreads);
}

TEST(WorkLaneTest, DestructionFinishesWhatWasSubmitted) {
  std::atomic<int> done{0};
  {
    WorkLane lane(4, 1000);
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(lane.Submit([&done] { done.fetch_add(1); }));
  }
  EXPECT_EQ(done.load(), 1000);
}

TEST(WorkLaneTest, AFullLaneRefusesUntilWorkIsDone) {
  absl::Notification entered, release, finished;
  WorkLane lane(1, 2);
  ASSERT_TRUE(lane.Submit([&] {
    entered.Notify();
    release.WaitForNotification();
  }));
  entered.WaitForNotification();
  ASSERT_TRUE(lane.Submit([&] { finished.Notify(); }));
  EXPECT_FALSE(lane.Submit([] { FAIL() << "refused work must not run"; }));
  release.Notify();
  finished.WaitForNotification();
  while (!lane.Submit([] {})) {  // there is room as soon as the thread has come back from the work
  }
}

TEST(WorkLaneTest, AHeldPlaceCountsFromBeginningToEndAndItsPiecesAreNotRefused) {
  WorkLane lane(1, 1);
  std::unique_ptr<WorkLane::Place> place = lane.Hold();
  ASSERT_NE(place, nullptr);
  EXPECT_EQ(lane.Hold(), nullptr);
  EXPECT_FALSE(lane.Submit([] { FAIL() << "refused work must not run"; }));
  for (int i = 0; i < 3; ++i) {
    absl::Notification done;
    place->Submit([&] { done.Notify(); });
    done.WaitForNotification();
    EXPECT_FALSE(lane.Submit([] { FAIL() << "refused work must not run"; })) << "between two pieces";
  }
  place = nullptr;
  EXPECT_TRUE(lane.Submit([] {}));
}

}  // namespace
}  // namespace tokens
