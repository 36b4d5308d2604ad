#include "token_service/work_lane.h"

#include <utility>

namespace tokens {

WorkLane::WorkLane(int threads, int capacity) : capacity_(capacity) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkLane::~WorkLane() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkLane::Submit(std::function<void()> work) {
  {
    MutexLock lock(mutex_);
    if (unfinished_ >= capacity_) return false;
    ++unfinished_;
    queue_.push_back(std::move(work));
  }
  changed_.NotifyOne();
  return true;
}

void WorkLane::Run() {
  while (true) {
    std::function<void()> work;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.Wait(mutex_);
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
    MutexLock lock(mutex_);
    --unfinished_;
  }
}

}  // namespace tokens
