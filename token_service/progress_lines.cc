#include "token_service/progress_lines.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tokens {

void ProgressLines::Report(absl::string_view doing, uint64_t done, uint64_t total) {
  const absl::Time now = clock_.Now();
  {
    MutexLock lock(mutex_);
    if (now < next_) return;
    next_ = now + kPause;
  }
  std::string line = absl::StrCat(doing, ": ", done);
  if (total != 0) absl::StrAppend(&line, " of ", total, " (", 100 * std::min(done, total) / total, " %)");
  sink_(line);
}

}  // namespace tokens
