#include "token_service/work_lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "absl/synchronization/barrier.h"

namespace tokens {
namespace {

TEST(WorkLaneTest, OneThreadRunsInOrderOfSubmission) {
  std::vector<int> order;
  {
    WorkLane lane(1);
    for (int i = 0; i < 100; ++i) lane.Submit([&order, i] { order.push_back(i); });
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
    WorkLane lane(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      lane.Submit([barrier, &done] {
        if (barrier->Block()) delete barrier;
        done.fetch_add(1);
      });
    }
  }
  EXPECT_EQ(done.load(), kThreads);
}

TEST(WorkLaneTest, DestructionFinishesWhatWasSubmitted) {
  std::atomic<int> done{0};
  {
    WorkLane lane(4);
    for (int i = 0; i < 1000; ++i) lane.Submit([&done] { done.fetch_add(1); });
  }
  EXPECT_EQ(done.load(), 1000);
}

}  // namespace
}  // namespace tokens
