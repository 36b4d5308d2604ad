#ifndef TOKEN_SERVICE_PROGRESS_LINES_H_
#define TOKEN_SERVICE_PROGRESS_LINES_H_

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"

namespace tokens {

// Takes one line of text, without its end.
using LineSink = std::function<void(const std::string& line)>;

// Tells people how far long work is: one line every five seconds at most, none of work that is done sooner.
// Thread-safe.
class ProgressLines {
 public:
  // Both must outlive this.
  ProgressLines(Clock& clock, const LineSink& sink) : clock_(clock), sink_(sink), next_(clock.Now() + kPause) {}

  // As storage::Progress.
  void Report(absl::string_view doing, uint64_t done, uint64_t total);

 private:
  static constexpr absl::Duration kPause = absl::Seconds(5);

  Clock& clock_;
  const LineSink& sink_;
  Mutex mutex_;
  absl::Time next_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_PROGRESS_LINES_H_
