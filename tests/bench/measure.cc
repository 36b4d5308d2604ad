#include "tests/bench/measure.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

ABSL_FLAG(double, seconds, 2, "how long calls count");
ABSL_FLAG(double, warm_up, 0.3, "how long they do not count before that, in seconds");
ABSL_FLAG(std::vector<std::string>, servers, {}, "process ids whose CPU time is measured");

namespace tokens::bench {
namespace {

// Seconds of user and system time of a process so far, in the kernel's ticks of 10 ms.
double CpuSeconds(const std::string& process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/stat"));
  std::string line;
  if (!std::getline(file, line)) Abandon(absl::StrCat("there is no process ", process));
  std::istringstream fields(line.substr(line.rfind(')') + 1));  // The name before it may hold anything.
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::vector<double> CpuSecondsOfAll() {
  std::vector<double> seconds = {CpuSeconds("self")};
  for (const std::string& server : absl::GetFlag(FLAGS_servers)) seconds.push_back(CpuSeconds(server));
  return seconds;
}

double Microseconds(const std::vector<int64_t>& sorted_ns, double quantile) {
  const auto last = static_cast<double>(sorted_ns.size() - 1);
  return static_cast<double>(sorted_ns[static_cast<size_t>(quantile * last)]) / 1000;
}

}  // namespace

void ParseBenchFlags(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // Debian's default slows every lock.
  absl::ParseCommandLine(argc, argv);
}

void Measure(int threads, const std::function<void(int thread, Tally& tally)>& load) {
  std::atomic<Tally::Phase> phase = Tally::Phase::kWarmUp;
  absl::Notification nothing_left;
  std::atomic<bool> notified = false;
  const auto end = [&] {
    if (!notified.exchange(true)) nothing_left.Notify();
  };
  std::vector<std::unique_ptr<Tally>> tallies;
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) {
    Tally& tally = *tallies.emplace_back(std::make_unique<Tally>(phase, end));
    running.emplace_back([&load, &tally, i] { load(i, tally); });
  }

  absl::SleepFor(absl::Seconds(absl::GetFlag(FLAGS_warm_up)));
  const std::vector<double> cpu_before = CpuSecondsOfAll();
  const auto began = std::chrono::steady_clock::now();
  phase = Tally::Phase::kCounting;
  nothing_left.WaitForNotificationWithTimeout(absl::Seconds(absl::GetFlag(FLAGS_seconds)));
  phase = Tally::Phase::kOver;
  const std::chrono::duration<double> length = std::chrono::steady_clock::now() - began;
  std::vector<double> cpu = CpuSecondsOfAll();
  for (std::thread& thread : running) thread.join();

  std::vector<int64_t> latencies;
  for (const auto& tally : tallies) {
    latencies.insert(latencies.end(), tally->latencies_ns().begin(), tally->latencies_ns().end());
  }
  if (latencies.empty()) Abandon("no call was answered within the window");
  std::sort(latencies.begin(), latencies.end());
  for (size_t i = 0; i < cpu.size(); ++i) cpu[i] -= cpu_before[i];
  const nlohmann::ordered_json line = {{"calls", latencies.size()},
                                       {"seconds", length.count()},
                                       {"server_cpu_seconds", std::vector<double>(cpu.begin() + 1, cpu.end())},
                                       {"own_cpu_seconds", cpu.front()},
                                       {"p50_us", Microseconds(latencies, 0.5)},
                                       {"p99_us", Microseconds(latencies, 0.99)},
                                       {"max_us", Microseconds(latencies, 1)}};
  std::printf("%s\n", line.dump().c_str());
}

void Abandon(absl::string_view why) {
  std::fprintf(stderr, "bench: %s\n", std::string(why).c_str());
  std::_Exit(1);  // Other threads are in the middle of calls.
}

}  // namespace tokens::bench
