#ifndef XRPC_SHIM_WORKER_POOL_H_
#define XRPC_SHIM_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tokens::xrpc {

// Threads for work that may block, with a bounded queue. Thread-safe.
class WorkerPool {
 public:
  // `threads` ≥ 1; at most `queue_limit` tasks wait for one.
  WorkerPool(int threads, int queue_limit);
  // Runs what is queued, then waits for every task.
  ~WorkerPool();

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Has `task` run on one of the threads. False, at once, if all are busy and the queue is full. A task must not throw.
  [[nodiscard]] bool Submit(std::function<void()> task);

 private:
  void Work();

  const size_t limit_;  // Tasks that run or wait.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  size_t running_ = 0;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_WORKER_POOL_H_
