#ifndef TOKEN_SERVICE_BASE_STOP_SIGNAL_H_
#define TOKEN_SERVICE_BASE_STOP_SIGNAL_H_

#include <csignal>
#include <functional>

namespace tokens {

// SIGTERM and SIGINT as an event to wait for, SIGHUP as a request to reload; no code of ours runs inside a signal
// handler. Make one at the beginning of main, before any thread exists, so that every thread inherits the blocked mask.
// SIGPIPE is ignored from then on.
class StopSignal {
 public:
  StopSignal();

  // Blocks until SIGTERM or SIGINT. Calls `reload` on this thread for each SIGHUP meanwhile.
  void Wait(const std::function<void()>& reload);

 private:
  sigset_t signals_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_STOP_SIGNAL_H_
