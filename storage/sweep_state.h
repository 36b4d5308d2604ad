#ifndef STORAGE_SWEEP_STATE_H_
#define STORAGE_SWEEP_STATE_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "storage/token_store.h"

namespace tokens::storage {

// The furthest cutoffs a sweep has set. Thread-safe and lock-free: reads and compactions ask it for each record. The
// two are raised one after the other.
class SweepState {
 public:
  // True for a token whose EndOf is `end`.
  bool TokenSwept(absl::Time end) const { return end < Load(tokens_ended_us_); }
  // True for a one-time key that expires then.
  bool KeySwept(absl::Time expire_time) const { return expire_time < Load(one_time_keys_expired_us_); }

  SweepCutoffs cutoffs() const { return {Load(tokens_ended_us_), Load(one_time_keys_expired_us_)}; }

  // Never moves back: a cutoff before the present one is ignored.
  void Raise(const SweepCutoffs& cutoffs) {
    Raise(tokens_ended_us_, absl::ToUnixMicros(cutoffs.tokens_ended));
    Raise(one_time_keys_expired_us_, absl::ToUnixMicros(cutoffs.one_time_keys_expired));
  }

 private:
  using Micros = std::atomic<int64_t>;

  static absl::Time Load(const Micros& cutoff) { return absl::FromUnixMicros(cutoff.load(std::memory_order_acquire)); }
  static void Raise(Micros& cutoff, int64_t to) {
    int64_t from = cutoff.load();
    while (from < to && !cutoff.compare_exchange_weak(from, to)) {
    }
  }

  Micros tokens_ended_us_ = INT64_MIN;
  Micros one_time_keys_expired_us_ = INT64_MIN;
};

}  // namespace tokens::storage

#endif  // STORAGE_SWEEP_STATE_H_
