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

bool WorkLane::TakePlace() {
  if (unfinished_ >= capacity_) return false;
  ++unfinished_;
  return true;
}

bool WorkLane::Submit(std::function<void()> work) {
  {
    MutexLock lock(mutex_);
    if (!TakePlace()) return false;
    queue_.push_back({std::move(work), /*frees_place=*/true});
  }
  changed_.NotifyOne();
  return true;
}

std::unique_ptr<WorkLane::Place> WorkLane::Hold() {
  MutexLock lock(mutex_);
  if (!TakePlace()) return nullptr;
  return std::unique_ptr<Place>(new Place(*this));
}

WorkLane::Place::~Place() {
  MutexLock lock(lane_.mutex_);
  --lane_.unfinished_;
}

void WorkLane::Place::Submit(std::function<void()> work) {
  WorkLane& lane = lane_;  // The work may give the place up before this returns.
  {
    MutexLock lock(lane.mutex_);
    lane.queue_.push_back({std::move(work), /*frees_place=*/false});
  }
  lane.changed_.NotifyOne();
}

void WorkLane::Run() {
  while (true) {
    Piece piece;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.Wait(mutex_);
      if (queue_.empty()) return;
      piece = std::move(queue_.front());
      queue_.pop_front();
    }
    piece.work();
    if (!piece.frees_place) continue;
    MutexLock lock(mutex_);
    --unfinished_;
  }
}

}  // namespace tokens
