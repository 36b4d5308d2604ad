#ifndef TESTS_BENCH_MEASURE_H_
#define TESTS_BENCH_MEASURE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/strings/string_view.h"

namespace tokens::bench {

// One run of load: some time to warm up, then a window in which calls count. What every load program shares:
//   --seconds, --warm_up   how long
//   --servers=PID,…        processes whose CPU time is read at both ends of the window
// and one line of JSON on stdout: calls, seconds, server_cpu_seconds (in the order of --servers), own_cpu_seconds,
// p50_us, p99_us, max_us.

// Parses the flags, those below included. Exits 2 on a bad one. Call first in main.
void ParseBenchFlags(int argc, char** argv);

// What one thread of load has to say. Used by that thread only.
class Tally {
 public:
  enum class Phase { kWarmUp, kCounting, kOver };

  Tally(std::atomic<Phase>& phase, std::function<void()> end) : phase_(phase), end_(std::move(end)) {}

  // No further calls are wanted.
  bool done() const { return phase_.load(std::memory_order_relaxed) == Phase::kOver; }

  // A call that began then has just been answered. Counts if the window is open.
  void Record(std::chrono::steady_clock::time_point began) {
    if (phase_.load(std::memory_order_relaxed) != Phase::kCounting) return;
    latencies_ns_.push_back(std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count());
  }

  // Closes the window early, for all: there is nothing left to send.
  void End() { end_(); }

  const std::vector<int64_t>& latencies_ns() const { return latencies_ns_; }

 private:
  std::atomic<Phase>& phase_;
  const std::function<void()> end_;
  std::vector<int64_t> latencies_ns_;
};

// Runs `load` on so many threads until each returns, which it does once its tally is done, and prints the line.
void Measure(int threads, const std::function<void(int thread, Tally& tally)>& load);

// A measurement with wrong answers in it is worth nothing: says why and exits 1.
[[noreturn]] void Abandon(absl::string_view why);

}  // namespace tokens::bench

#endif  // TESTS_BENCH_MEASURE_H_
