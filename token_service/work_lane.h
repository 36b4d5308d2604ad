#ifndef TOKEN_SERVICE_WORK_LANE_H_
#define TOKEN_SERVICE_WORK_LANE_H_

#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "token_service/base/mutex.h"

namespace tokens {

// Threads that do one kind of blocking work, so that it holds up nothing else: writes wait here for the disk while
// reads pass. Thread-safe.
class WorkLane {
 public:
  // At most `capacity` (positive) pieces of work are waiting or running at a time, places that are held included.
  WorkLane(int threads, int capacity);
  // Finishes all that was submitted.
  ~WorkLane();
  WorkLane(const WorkLane&) = delete;
  WorkLane& operator=(const WorkLane&) = delete;

  // Runs `work` on one of the threads, in the order of submission. False, and nothing happens, if the lane is full.
  [[nodiscard]] bool Submit(std::function<void()> work);

  // A place in the lane, held for work that comes piece by piece, as a stream's: no piece is refused, and between them
  // the place counts as taken. Given up when destroyed, before the lane is.
  class Place {
   public:
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // As WorkLane::Submit. One piece at a time: the next when the work of the last has begun.
    void Submit(std::function<void()> work);

   private:
    friend class WorkLane;
    explicit Place(WorkLane& lane) : lane_(lane) {}
    WorkLane& lane_;
  };
  // Null if the lane is full.
  std::unique_ptr<Place> Hold();

 private:
  struct Piece {
    std::function<void()> work;
    bool frees_place;  // Once it is done.
  };

  void Run();
  bool TakePlace() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  CondVar changed_;
  const int capacity_;
  int unfinished_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<Piece> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_WORK_LANE_H_
