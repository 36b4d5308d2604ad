#ifndef TOKEN_SERVICE_SWEEPER_H_
#define TOKEN_SERVICE_SWEEPER_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "storage/token_store.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"
#include "token_service/clock_watch.h"

namespace tokens {

// Tells the store every minute what it may forget, on a thread of its own until destroyed; begins when ClockWatch
// trusts the wall clock, since a clock ahead of its time would forget what still holds.
class Sweeper {
 public:
  // Both must outlive this. Tokens are kept for `retention` after they ended, one-time keys until they expire.
  Sweeper(storage::TokenStore& store, Clock& clock, absl::Duration retention);
  ~Sweeper();
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

 private:
  void Run();
  void SweepIfClockIsTrusted();

  storage::TokenStore& store_;
  Clock& clock_;
  const absl::Duration retention_;
  ClockWatch clock_watch_;  // Of thread_ only.
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_SWEEPER_H_
