#ifndef TOKEN_SERVICE_RPC_STREAM_H_
#define TOKEN_SERVICE_RPC_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "token_service/rpc_call.h"
#include "token_service/work_lane.h"

namespace tokens {

// What one step of a stream came to: a message to send, nothing yet (take the next step), or that there is no more.
enum class StreamStep { kMessage, kNothingYet, kEnd };

// The decisions of one streaming call: fills `message` (empty when it comes) for kMessage. An error ends the stream.
template <typename Message>
using StreamBody = std::function<absl::StatusOr<StreamStep>(CallNotes* notes, Message* message)>;

// One server-streaming call: as RpcCalls does for unary ones it asks who may call, counts the call in flight to its end
// and logs one line. Each step runs on a lane, where the stream holds a place from beginning to end; the next one only
// when gRPC has taken the last message, so that a slow reader holds up the stream and nothing else. A deadline or a
// cancellation ends it between two steps, or while a message waits to be taken. Owns itself; gone after OnDone.
template <typename Message>
class RpcStream final : public grpc::ServerWriteReactor<Message> {
 public:
  // Starts the call. `calls` and `lane` must outlive the call. A full lane refuses, as for unary calls.
  static grpc::ServerWriteReactor<Message>* Start(RpcCalls& calls, WorkLane& lane, grpc::CallbackServerContext* context,
                                                  const char* method, StreamBody<Message> body) {
    auto* stream = new RpcStream(calls, context, method, std::move(body));
    if (!calls.Begin(&stream->call_)) return stream;
    stream->notes_.by = {stream->call_.caller.name, stream->call_.request_id};
    stream->notes_.role = stream->call_.caller.role;
    stream->place_ = lane.Hold();
    if (stream->place_ == nullptr) {
      stream->End(TooManyRequests());
    } else {
      stream->NextStep();
    }
    return stream;
  }

 private:
  RpcStream(RpcCalls& calls, grpc::CallbackServerContext* context, const char* method, StreamBody<Message> body)
      : calls_(calls), body_(std::move(body)), call_{context, method, [this](const grpc::Status& status) {
                                                       this->Finish(status);
                                                     }} {}

  void NextStep() {
    place_->Submit([this] { Step(); });
  }

  void Step() {
    if (HasGivenUp(*call_.context, calls_.clock())) return End(GivenUp());
    message_.Clear();
    const absl::StatusOr<StreamStep> step = body_(&notes_, &message_);
    if (!step.ok()) return End(step.status());
    switch (*step) {
      case StreamStep::kMessage: return this->StartWrite(&message_);
      case StreamStep::kNothingYet: return NextStep();
      case StreamStep::kEnd: return End(absl::OkStatus());
    }
  }

  // The last that is done: this may be gone afterwards. The place is free before the caller hears of the end.
  void End(const absl::Status& status) {
    place_ = nullptr;
    calls_.Finish(call_, status, notes_);
  }

  absl::Status GivenUp() const {
    if (absl::FromChrono(call_.context->deadline()) <= calls_.clock().Now()) {
      return absl::DeadlineExceededError("the deadline passed before the end of the stream");
    }
    return absl::CancelledError("the caller has gone");
  }

  void OnWriteDone(bool ok) override {
    if (ok) return NextStep();
    End(GivenUp());
  }
  void OnDone() override { delete this; }

  RpcCalls& calls_;
  const StreamBody<Message> body_;
  RpcCalls::Call call_;
  CallNotes notes_;
  Message message_;  // Of the step under way, then gRPC's until OnWriteDone.
  std::unique_ptr<WorkLane::Place> place_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_RPC_STREAM_H_
