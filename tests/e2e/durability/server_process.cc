#include "tests/e2e/durability/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

extern char** environ;

namespace tokens::testing {
namespace {

constexpr char kListening[] = "listening grpc ";

// The address in the whole lines of `output`, or "".
std::string AddressIn(const std::string& output) {
  std::vector<std::string> lines = absl::StrSplit(output, '\n');
  lines.pop_back();  // what follows the last newline is not whole
  for (const std::string& line : lines) {
    if (absl::StartsWith(line, kListening)) return line.substr(sizeof(kListening) - 1);
  }
  return "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(const ServerOptions& options) {
  // setpriv makes the kernel kill the server should this test die first; then it becomes the server itself.
  std::vector<std::string> words = {"setpriv",
                                    "--pdeathsig",
                                    "KILL",
                                    options.program,
                                    "--grpc_listen=127.0.0.1:0",
                                    absl::StrCat("--store=rocksdb:", options.store),
                                    absl::StrCat("--policy=", options.policy),
                                    absl::StrCat("--lexicons=", options.lexicons),
                                    absl::StrCat("--session_key=", options.session_key),
                                    "--service_did=did:web:api.didpic.example"};
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::UnavailableError("cannot make a pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return absl::UnavailableError(absl::StrCat("cannot start setpriv, errno ", error));
  }
  return std::unique_ptr<ServerProcess>(new ServerProcess(pid, ends[0]));
}

ServerProcess::~ServerProcess() {
  Kill();
  close(output_);
}

absl::StatusOr<std::string> ServerProcess::WaitForAddress(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  std::string output;
  for (absl::Duration left = limit; left > absl::ZeroDuration(); left = deadline - absl::Now()) {
    pollfd waiting = {output_, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) <= 0) continue;
    char buffer[1024];
    const ssize_t count = read(output_, buffer, sizeof(buffer));
    if (count <= 0) return absl::UnavailableError("token_service ended before it listened");
    output.append(buffer, static_cast<size_t>(count));
    if (std::string address = AddressIn(output); !address.empty()) return address;
  }
  return absl::DeadlineExceededError("token_service does not listen");
}

bool ServerProcess::Kill() {
  if (pid_ == 0) return false;
  const bool running = waitpid(pid_, nullptr, WNOHANG) == 0;
  if (running) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_ = 0;
  return running;
}

}  // namespace tokens::testing
