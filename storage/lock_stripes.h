#ifndef STORAGE_LOCK_STRIPES_H_
#define STORAGE_LOCK_STRIPES_H_

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/base/thread_annotations.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace tokens::storage {

// Locks for check-and-write by key: as many mutexes as there are stripes, a key always falling on the same one. Enough
// stripes that writers which wait for the disk together seldom share one, for then they also share the sync.
class LockStripes {
 public:
  // Holds the stripes of one key, or of two, while it lives. Takes them in the order of the array, so that two holders
  // cannot wait for each other; a thread must not take a second Hold.
  //
  // Not visible to thread-safety analysis: which mutex is held is known only when it runs.
  class Hold {
   public:
    Hold(LockStripes& stripes, absl::string_view key) : Hold(stripes, key, key) {}
    Hold(LockStripes& stripes, absl::string_view a, absl::string_view b) ABSL_NO_THREAD_SAFETY_ANALYSIS
        : first_(std::min(stripes.Of(a), stripes.Of(b))),
          second_(std::max(stripes.Of(a), stripes.Of(b))) {
      first_->Lock();
      if (second_ != first_) second_->Lock();
    }
    ~Hold() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      if (second_ != first_) second_->Unlock();
      first_->Unlock();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    absl::Mutex* const first_;
    absl::Mutex* const second_;
  };

 private:
  static constexpr size_t kStripes = 4096;

  absl::Mutex* Of(absl::string_view key) { return &mutexes_[absl::Hash<absl::string_view>()(key) % kStripes]; }

  std::array<absl::Mutex, kStripes> mutexes_;
};

}  // namespace tokens::storage

#endif  // STORAGE_LOCK_STRIPES_H_
