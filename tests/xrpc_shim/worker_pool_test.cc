#include "xrpc_shim/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <utility>

namespace tokens::xrpc {
namespace {

TEST(WorkerPool, RunsTasksOnSeveralThreadsAtOnce) {
  WorkerPool pool(2, 0);
  std::promise<void> one, other;
  // Each ends only once the other has begun.
  ASSERT_TRUE(pool.Submit([&] {
    one.set_value();
    other.get_future().wait();
  }));
  std::promise<void> both;
  ASSERT_TRUE(pool.Submit([&] {
    other.set_value();
    one.get_future().wait();
    both.set_value();
  }));
  both.get_future().wait();
}

TEST(WorkerPool, RefusesWhatThreadsAndQueueCannotHold) {
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(1, 2);
    const auto task = [opened, &ran] {
      opened.wait();
      ++ran;
    };
    EXPECT_TRUE(pool.Submit(task));
    EXPECT_TRUE(pool.Submit(task));
    EXPECT_TRUE(pool.Submit(task));
    EXPECT_FALSE(pool.Submit(task));
    gate.set_value();
  }
  EXPECT_EQ(ran, 3) << "the destructor runs what was queued";
}

TEST(WorkerPool, LetsGoOfATaskOnceItHasRun) {
  WorkerPool pool(1, 1);
  auto held = std::make_shared<int>(0);
  std::weak_ptr<int> watch = held;
  ASSERT_TRUE(pool.Submit([held = std::move(held)] { ++*held; }));
  // With one thread, the next task begins only after that.
  std::promise<bool> gone;
  while (!pool.Submit([&] { gone.set_value(watch.expired()); })) {
  }
  EXPECT_TRUE(gone.get_future().get());
}

}  // namespace
}  // namespace tokens::xrpc
