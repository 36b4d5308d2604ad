#ifndef STORAGE_GROUP_COMMIT_H_
#define STORAGE_GROUP_COMMIT_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace tokens::storage {

// Makes one write of those that come together: the first thread to come writes, and whoever comes meanwhile waits and
// goes with the next write, in the order of coming. So there is one writer at a time and one order of all writes, and
// nobody waits for more than two of them. Has no thread of its own. Thread-safe.
template <typename Item>
class GroupCommit {
 public:
  // Writes the items of a group, in this order, all or none. Called by one thread at a time.
  using Write = std::function<absl::Status(const std::vector<Item*>& group)>;

  explicit GroupCommit(Write write) : write_(std::move(write)) {}

  // Returns once the group that `item` went with is written, with that group's status.
  absl::Status Commit(Item& item) {
    Waiter self;
    self.item = &item;
    mutex_.Lock();
    waiting_.push_back(&self);
    while (!self.done && waiting_.front() != &self) self.wake.Wait(&mutex_);
    if (!self.done) Lead();
    mutex_.Unlock();
    return self.status;
  }

  // How many are in Commit now.
  size_t waiting() const {
    absl::MutexLock lock(&mutex_);
    return waiting_.size();
  }

 private:
  struct Waiter {
    Item* item = nullptr;
    absl::Status status;
    bool done = false;
    absl::CondVar wake;
  };

  // Writes what is waiting, whose front is the calling thread's.
  void Lead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::vector<Waiter*> group(waiting_.begin(), waiting_.end());
    mutex_.Unlock();
    std::vector<Item*> items;
    items.reserve(group.size());
    for (Waiter* waiter : group) items.push_back(waiter->item);
    const absl::Status status = write_(items);
    mutex_.Lock();
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(group.size()));
    // The next leader first: it may write while the others wake. All signals under the lock, for a waiter that is done
    // takes its condition with it.
    if (!waiting_.empty()) waiting_.front()->wake.Signal();
    for (Waiter* waiter : group) {
      waiter->status = status;
      waiter->done = true;
      waiter->wake.Signal();
    }
  }

  const Write write_;
  mutable absl::Mutex mutex_;
  std::deque<Waiter*> waiting_ ABSL_GUARDED_BY(mutex_);  // The group being written, then those that came since.
};

}  // namespace tokens::storage

#endif  // STORAGE_GROUP_COMMIT_H_
