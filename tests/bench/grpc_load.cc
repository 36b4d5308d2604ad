// Load on TokenService: one thread keeps a fixed number of calls in flight over several connections and checks every
// answer.
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "didpic/token/v1/token_service.grpc.pb.h"
#include "tests/bench/accounts.h"
#include "tests/bench/measure.h"
#include "tests/bench/token_file.h"

ABSL_FLAG(std::string, target, "", "HOST:PORT of the server");
ABSL_FLAG(std::string, call, "", "floor (Validate of an empty handler), validate, batch, mint or single_use_mint");
ABSL_FLAG(int, in_flight, 16, "calls in flight");
ABSL_FLAG(int, channels, 4, "connections, if there are as many calls in flight");
ABSL_FLAG(std::string, texts, "", "file of the tokens to validate, by bench_fill_store");
ABSL_FLAG(int, batch, 100, "tokens in one BatchValidate");
ABSL_FLAG(uint64_t, first_account, 0, "number of the first account to mint for");
ABSL_FLAG(uint64_t, accounts, 8192, "accounts to mint for in turn");

namespace tokens::bench {
namespace {

namespace pb = ::didpic::token::v1;
using Stub = pb::TokenService::Stub;

constexpr char kMethod[] = "app.didpic.feed.getTimeline";

// How to make a call of one method.
template <typename Request, typename Response>
struct Method {
  using Start = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*)(grpc::ClientContext*,
                                                                                     const Request&,
                                                                                     grpc::CompletionQueue*);
  Start start;
  std::function<void(Request*)> fill;  // Gets what the call before left there.
  std::function<bool(const Response&)> is_right;
};

template <typename Request, typename Response>
class ClosedLoop {
 public:
  explicit ClosedLoop(const Method<Request, Response>& method) : method_(method) {}

  void Run(std::vector<std::unique_ptr<Stub>>& stubs, int in_flight, Tally& tally) {
    std::vector<Call> calls(static_cast<size_t>(in_flight));
    for (size_t i = 0; i < calls.size(); ++i) {
      calls[i].stub = stubs[i % stubs.size()].get();
      Start(&calls[i]);
    }
    void* tag = nullptr;
    bool ok = false;
    for (size_t open = calls.size(); open > 0 && queue_.Next(&tag, &ok);) {
      Call* const call = static_cast<Call*>(tag);
      if (!call->status.ok()) Abandon(absl::StrCat("a call failed: ", call->status.error_message()));
      if (!method_.is_right(call->response)) Abandon(absl::StrCat("wrong answer: ", call->response.ShortDebugString()));
      tally.Record(call->began);
      if (tally.done()) {
        --open;
      } else {
        Start(call);
      }
    }
  }

 private:
  struct Call {
    Stub* stub = nullptr;
    Request request;
    Response response;
    grpc::Status status;
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
    std::chrono::steady_clock::time_point began;
  };

  void Start(Call* call) {
    method_.fill(&call->request);
    call->reader.reset();
    call->context.emplace();
    call->began = std::chrono::steady_clock::now();
    call->reader = (call->stub->*method_.start)(&*call->context, call->request, &queue_);
    call->reader->Finish(&call->response, &call->status, call);
  }

  const Method<Request, Response>& method_;
  grpc::CompletionQueue queue_;
};

// Connections of their own: without the argument channels to one address share one.
std::vector<std::unique_ptr<Stub>> Connect(int in_flight) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  std::vector<std::unique_ptr<Stub>> stubs;
  for (int i = 0; i < std::min(in_flight, absl::GetFlag(FLAGS_channels)); ++i) {
    const auto channel =
        grpc::CreateCustomChannel(absl::GetFlag(FLAGS_target), grpc::InsecureChannelCredentials(), arguments);
    if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
      Abandon("cannot connect");
    }
    stubs.push_back(pb::TokenService::NewStub(channel));
  }
  return stubs;
}

template <typename Request, typename Response>
void Run(const Method<Request, Response>& method) {
  const int in_flight = absl::GetFlag(FLAGS_in_flight);
  std::vector<std::unique_ptr<Stub>> stubs = Connect(in_flight);
  Measure(1, [&](int, Tally& tally) { ClosedLoop<Request, Response>(method).Run(stubs, in_flight, tally); });
}

// Draws tokens at random out of all there are.
class Draw {
 public:
  Draw() : texts_(OpenTexts()), pick_(0, texts_.size() - 1), random_(std::random_device()()) {}

  void operator()(pb::ValidateRequest* request) {
    const absl::string_view text = texts_[pick_(random_)];
    request->set_token(text.data(), text.size());
    request->set_method(kMethod);
  }

 private:
  static TokenFile OpenTexts() {
    absl::StatusOr<TokenFile> texts = TokenFile::Open(absl::GetFlag(FLAGS_texts));
    if (!texts.ok()) Abandon(texts.status().message());
    return *std::move(texts);
  }

  const TokenFile texts_;
  std::uniform_int_distribution<size_t> pick_;
  std::minstd_rand random_;
};

void RunValidate(bool floor) {
  Draw draw;
  Method<pb::ValidateRequest, pb::ValidateResponse> method;
  method.start = &Stub::AsyncValidate;
  method.fill = [&draw](pb::ValidateRequest* request) { draw(request); };
  method.is_right = [floor](const pb::ValidateResponse& response) { return response.has_active() != floor; };
  Run(method);
}

void RunBatch() {
  Draw draw;
  const int size = absl::GetFlag(FLAGS_batch);
  Method<pb::BatchValidateRequest, pb::BatchValidateResponse> method;
  method.start = &Stub::AsyncBatchValidate;
  method.fill = [&draw, size](pb::BatchValidateRequest* request) {
    while (request->requests_size() < size) request->add_requests();
    for (pb::ValidateRequest& each : *request->mutable_requests()) draw(&each);
  };
  method.is_right = [size](const pb::BatchValidateResponse& response) {
    return response.responses_size() == size &&
           std::all_of(response.responses().begin(), response.responses().end(),
                       [](const pb::ValidateResponse& each) { return each.has_active(); });
  };
  Run(method);
}

void RunMint(bool single_use) {
  const uint64_t start = std::random_device()();
  uint64_t next = start;
  Method<pb::MintRequest, pb::MintResponse> method;
  method.start = &Stub::AsyncMint;
  method.fill = [&next, start, single_use](pb::MintRequest* request) {
    const uint64_t number = next++;
    request->set_did(AccountDid(absl::GetFlag(FLAGS_first_account) + number % absl::GetFlag(FLAGS_accounts)));
    if (!single_use) return;
    // As xrpc_shim sends it: a SHA-256 in hex, and the end of a JWT's life with some slack.
    request->mutable_single_use_id()->set_id(
        absl::StrCat(absl::Hex(start, absl::kZeroPad16), absl::Hex(number, absl::kZeroPad16),
                     absl::Hex(~start, absl::kZeroPad16), absl::Hex(~number, absl::kZeroPad16)));
    request->mutable_single_use_id()->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now()) + 600);
  };
  method.is_right = [](const pb::MintResponse& response) { return response.token().size() == kTokenBytes; };
  Run(method);
}

int RunCall(const std::string& call) {
  if (call == "floor" || call == "validate") {
    RunValidate(call == "floor");
  } else if (call == "batch") {
    RunBatch();
  } else if (call == "mint" || call == "single_use_mint") {
    RunMint(call == "single_use_mint");
  } else {
    Abandon("--call: floor, validate, batch, mint or single_use_mint");
  }
  return 0;
}

}  // namespace
}  // namespace tokens::bench

int main(int argc, char** argv) {
  tokens::bench::ParseBenchFlags(argc, argv);
  return tokens::bench::RunCall(absl::GetFlag(FLAGS_call));
}
