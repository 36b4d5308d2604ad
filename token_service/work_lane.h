#ifndef TOKEN_SERVICE_WORK_LANE_H_
#define TOKEN_SERVICE_WORK_LANE_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "token_service/base/mutex.h"

namespace tokens {

// Threads that do one kind of blocking work, so that it holds up nothing else: writes wait here for the disk while
// reads pass. Thread-safe.
class WorkLane {
 public:
  // At most `capacity` (positive) pieces of work are waiting or running at a time.
  WorkLane(int threads, int capacity);
  // Finishes all that was submitted.
  ~WorkLane();
  WorkLane(const WorkLane&) = delete;
  WorkLane& operator=(const WorkLane&) = delete;

  // Runs `work` on one of the threads, in the order of submission. False, and nothing happens, if the lane is full.
  [[nodiscard]] bool Submit(std::function<void()> work);

 private:
  void Run();

  Mutex mutex_;
  CondVar changed_;
  const int capacity_;
  int unfinished_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_WORK_LANE_H_
