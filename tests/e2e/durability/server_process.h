#ifndef TESTS_E2E_DURABILITY_SERVER_PROCESS_H_
#define TESTS_E2E_DURABILITY_SERVER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tokens::testing {

// What to start, and on which files.
struct ServerOptions {
  std::string program;  // token_service
  std::string store;    // folder of the RocksDB store; survives the process
  std::string policy;
  std::string lexicons;
  std::string session_key;
  std::string log;  // its stderr is appended here
};

// token_service as a child process, on a port of its own choice. Not thread-safe.
class ServerProcess {
 public:
  // Starts the program without waiting for it. UNAVAILABLE if that is not possible.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(const ServerOptions& options);

  // Kills.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // HOST:PORT, once the server listens. UNAVAILABLE if the program ends before; DEADLINE_EXCEEDED after `limit`.
  absl::StatusOr<std::string> WaitForAddress(absl::Duration limit);

  // SIGKILL, then waits until the process is gone and with it its lock on the store. False if it had ended by itself
  // before, or been killed by an earlier call.
  bool Kill();

 private:
  ServerProcess(pid_t pid, int output) : pid_(pid), output_(output) {}

  pid_t pid_;
  int output_;  // reading end of the program's stdout
};

}  // namespace tokens::testing

#endif  // TESTS_E2E_DURABILITY_SERVER_PROCESS_H_
