// Kills token_service at random moments under load, again and again, and checks after each restart that every
// acknowledged mint, revocation and refresh is in force and no session has forked. Exits 0 if all were, 1 if not (the
// store is kept then), 2 if it could not be tried.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/time/clock.h"
#include "tests/e2e/durability/client.h"
#include "tests/e2e/durability/server_process.h"
#include "tests/e2e/durability/session_client.h"
#include "tests/support/session_fixture.h"

ABSL_FLAG(std::string, token_service, "", "the program");
ABSL_FLAG(std::string, policy, "", "its policy file");
ABSL_FLAG(std::string, lexicons, "", "its folder of lexicons");
ABSL_FLAG(int, cycles, 50, "how often to kill it");
ABSL_FLAG(int, clients, 8, "threads that mint and revoke meanwhile; as many again refresh sessions");
ABSL_FLAG(uint64_t, seed, 0, "of everything random; 0 takes a new one");

namespace tokens::testing {
namespace {

using didpic::token::v1::SessionService;
using didpic::token::v1::TokenService;

constexpr absl::Duration kStartLimit = absl::Seconds(30);

class Trial {
 public:
  Trial(ServerOptions options, uint64_t seed, int clients) : options_(std::move(options)), random_(seed) {
    for (int i = 0; i < clients; ++i) {
      clients_.push_back(std::make_unique<Client>(random_()));
      session_clients_.push_back(std::make_unique<SessionClient>(random_()));
    }
  }

  // One life of the server: verify what the lives before had promised, make new promises, die. False after a fault.
  bool RunCycle(int cycle) {
    if (cycle % 5 == 0 && !KillWhileStarting()) return false;
    const auto server = StartServer();
    if (server == nullptr || !Verify()) return false;
    const absl::Duration life = absl::Milliseconds(std::uniform_int_distribution<int>(5, 400)(random_));
    std::vector<std::thread> threads;
    for (const auto& client : clients_) {
      threads.emplace_back([this, &client] { client->RunUntilServerDies(*stub_); });
    }
    for (const auto& client : session_clients_) {
      threads.emplace_back([this, &client] { client->RunUntilServerDies(*session_stub_); });
    }
    absl::SleepFor(life);
    const bool was_running = server->Kill();
    for (std::thread& thread : threads) thread.join();
    if (!was_running) return Failed(absl::InternalError("token_service ended by itself")) != nullptr;
    std::printf("cycle %d: killed after %s; %zu mints, %d revocations and %d refreshes acknowledged so far\n",
                cycle + 1, absl::FormatDuration(life).c_str(), Mints(), Revocations(), Refreshes());
    std::fflush(stdout);
    return NoFaults();
  }

  // The last life, in which nothing is killed before everything has been verified.
  bool Finish() {
    const auto server = StartServer();
    return server != nullptr && Verify();
  }

  size_t Mints() const {
    size_t sum = 0;
    for (const auto& client : clients_) sum += client->ledger().entries().size();
    return sum;
  }

  int Refreshes() const {
    int sum = 0;
    for (const auto& client : session_clients_) sum += client->acknowledged_refreshes();
    return sum;
  }

  int Revocations() const {
    int sum = 0;
    for (const auto& client : clients_) sum += client->acknowledged_revocations();
    return sum;
  }

 private:
  std::unique_ptr<ServerProcess> StartServer() {
    auto server = ServerProcess::Start(options_);
    if (!server.ok()) return Failed(server.status());
    const absl::StatusOr<std::string> address = (*server)->WaitForAddress(kStartLimit);
    if (!address.ok()) return Failed(address.status());
    const auto channel = grpc::CreateChannel(*address, grpc::InsecureChannelCredentials());
    stub_ = TokenService::NewStub(channel);
    session_stub_ = SessionService::NewStub(channel);
    return *std::move(server);
  }

  // Recovery itself must bear being interrupted.
  bool KillWhileStarting() {
    const auto server = ServerProcess::Start(options_);
    if (!server.ok()) return Failed(server.status()) != nullptr;
    absl::SleepFor(absl::Milliseconds(std::uniform_int_distribution<int>(0, 60)(random_)));
    (*server)->Kill();
    return true;
  }

  bool Verify() {
    for (const auto& client : clients_) client->Verify(*stub_);
    for (const auto& client : session_clients_) client->Verify(*session_stub_);
    return NoFaults();
  }

  bool NoFaults() const {
    bool good = true;
    const auto print = [&good](const std::vector<std::string>& faults) {
      for (const std::string& fault : faults) std::printf("FAULT %s\n", fault.c_str());
      good = good && faults.empty();
    };
    for (const auto& client : clients_) print(client->faults());
    for (const auto& client : session_clients_) print(client->faults());
    return good;
  }

  static std::unique_ptr<ServerProcess> Failed(const absl::Status& status) {
    std::printf("FAULT %s\n", std::string(status.message()).c_str());
    return nullptr;
  }

  ServerOptions options_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<SessionClient>> session_clients_;
  std::unique_ptr<TokenService::Stub> stub_;
  std::unique_ptr<SessionService::Stub> session_stub_;
};

int Run() {
  const uint64_t asked = absl::GetFlag(FLAGS_seed);
  const uint64_t seed = asked != 0 ? asked : std::random_device()();
  std::string folder = (std::filesystem::temp_directory_path() / "widget-tokens-durability-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;
  std::printf("seed %llu, in %s\n", static_cast<unsigned long long>(seed), folder.c_str());

  ServerOptions options;
  options.program = absl::GetFlag(FLAGS_token_service);
  options.store = folder + "/store";
  options.policy = absl::GetFlag(FLAGS_policy);
  options.lexicons = absl::GetFlag(FLAGS_lexicons);
  options.session_key = folder + "/session_key.jwk";
  std::ofstream(options.session_key) << MakeTestKey(KeyCurve::kK256, 1).private_jwk;
  options.log = folder + "/token_service.log";

  Trial trial(options, seed, absl::GetFlag(FLAGS_clients));
  bool good = true;
  for (int cycle = 0; good && cycle < absl::GetFlag(FLAGS_cycles); ++cycle) good = trial.RunCycle(cycle);
  good = good && trial.Finish();
  if (good && (trial.Mints() == 0 || trial.Revocations() == 0 || trial.Refreshes() == 0)) {
    std::printf("FAULT nothing was acknowledged, so nothing was tried\n");
    good = false;
  }
  if (!good) {
    std::printf("FAILED: the store and the server's log are left in %s\n", folder.c_str());
    return 1;
  }
  std::filesystem::remove_all(folder);
  std::printf("%zu mints, %d revocations and %d refreshes acknowledged, all in force after %d kills\n", trial.Mints(),
              trial.Revocations(), trial.Refreshes(), absl::GetFlag(FLAGS_cycles));
  return 0;
}

}  // namespace
}  // namespace tokens::testing

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return tokens::testing::Run();
}
