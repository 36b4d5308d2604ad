#ifndef TOKEN_SERVICE_BASE_COUNTER_TABLE_H_
#define TOKEN_SERVICE_BASE_COUNTER_TABLE_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace tokens {

// The counters of a family whose labels come from closed sets, by a number: to count takes no look-up of labels. Each
// appears in the family when it is first asked for, since most combinations never happen. Thread-safe.
class CounterTable {
 public:
  using LabelsOf = std::function<prometheus::Labels(size_t index)>;

  // `family` must outlive this; indices are below `size`.
  CounterTable(prometheus::Family<prometheus::Counter>& family, size_t size, LabelsOf labels_of)
      : family_(family), labels_of_(std::move(labels_of)), counters_(size) {}

  prometheus::Counter& At(size_t index) {
    std::atomic<prometheus::Counter*>& slot = counters_[index];
    prometheus::Counter* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {
      counter = &family_.Add(labels_of_(index));  // the same one to whoever asks meanwhile
      slot.store(counter, std::memory_order_release);
    }
    return *counter;
  }

 private:
  prometheus::Family<prometheus::Counter>& family_;
  const LabelsOf labels_of_;
  std::vector<std::atomic<prometheus::Counter*>> counters_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_COUNTER_TABLE_H_
