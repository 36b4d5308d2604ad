#ifndef TESTS_SUPPORT_FAKE_RANDOM_H_
#define TESTS_SUPPORT_FAKE_RANDOM_H_

#include <algorithm>

#include "absl/base/thread_annotations.h"
#include "token_service/base/mutex.h"
#include "token_service/base/random.h"

namespace tokens::testing {

// Counts: the first fill is all 1, the second all 2, …; or repeats, or fails. Thread-safe.
class FakeRandom final : public Random {
 public:
  absl::Status Fill(absl::Span<uint8_t> out) override {
    MutexLock lock(mutex_);
    if (!failure_.ok()) return failure_;
    if (repeats_ > 0) {
      --repeats_;
    } else {
      ++next_;
    }
    std::fill(out.begin(), out.end(), next_);
    return absl::OkStatus();
  }

  // The next `times` fills give the same bytes as the last one did.
  void Repeat(int times) {
    MutexLock lock(mutex_);
    repeats_ = times;
  }

  void FailWith(absl::Status failure) {
    MutexLock lock(mutex_);
    failure_ = std::move(failure);
  }

 private:
  Mutex mutex_;
  uint8_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  int repeats_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_FAKE_RANDOM_H_
