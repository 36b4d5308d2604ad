// What gRPC itself costs: token_service's listener and messages with a Validate that does nothing, not even log.
#include <cstdio>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/synchronization/mutex.h"
#include "didpic/token/v1/token_service.grpc.pb.h"
#include "token_service/base/stop_signal.h"
#include "token_service/server.h"

ABSL_FLAG(std::string, grpc_listen, "127.0.0.1:0", "as token_service's");

namespace tokens::bench {
namespace {

namespace pb = ::didpic::token::v1;

class EmptyService final : public pb::TokenService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Validate(grpc::CallbackServerContext* context, const pb::ValidateRequest*,
                                     pb::ValidateResponse*) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

int Run() {
  StopSignal stop;
  EmptyService service;
  const auto server = Server::Start({absl::GetFlag(FLAGS_grpc_listen), "", {}}, {&service});
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
    return 2;
  }
  std::printf("listening grpc %s\n", (*server)->grpc_address().c_str());
  std::fflush(stdout);
  stop.Wait([] {});
  (*server)->Drain(absl::Seconds(1));
  return 0;
}

}  // namespace
}  // namespace tokens::bench

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // As token_service does.
  absl::ParseCommandLine(argc, argv);
  return tokens::bench::Run();
}
