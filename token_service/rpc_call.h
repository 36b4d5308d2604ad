#ifndef TOKEN_SERVICE_RPC_CALL_H_
#define TOKEN_SERVICE_RPC_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/audit_entry.h"
#include "token_service/base/clock.h"
#include "token_service/base/trace_context.h"
#include "token_service/caller_authorizer.h"
#include "token_service/refusal_recorder.h"
#include "token_service/rpc_metrics.h"
#include "token_service/work_lane.h"

namespace tokens {

// Who calls, set before the call's body runs, and what the body leaves in log and metrics besides its outcome. Nothing
// secret.
struct CallNotes {
  storage::Actor by;
  absl::string_view role;  // By which the caller may make this call (Caller).
  std::string did;
  std::string token_id;
  std::string error;  // Reason of a refusal.
  CallCounts counts;
};

// The decision of one call: fills the reply (captured) and returns its status.
using CallBody = std::function<absl::Status(CallNotes* notes)>;

// What every RPC shares: who may call, the limit on calls in flight, request ids, deadlines, the way to a lane, one log
// line, metrics. `method` is the RPC's name, "Mint", by which `authorizer` knows who may call it; without its leave no
// body runs. Thread-safe.
class RpcCalls {
 public:
  // Told of every admin call (IsAdminCall) that `authorizer` refuses, on gRPC's thread. Empty for nobody to tell.
  using NoteRefusal = std::function<void(const RefusedCall&)>;

  // `clock` and `authorizer` must outlive this. Over `max_in_flight` calls are refused with RESOURCE_EXHAUSTED at once.
  RpcCalls(int max_in_flight, Clock& clock, const CallerAuthorizer& authorizer, RpcMetrics metrics = RpcMetrics(),
           NoteRefusal note_refusal = {})
      : max_in_flight_(max_in_flight),
        clock_(clock),
        authorizer_(authorizer),
        metrics_(std::move(metrics)),
        note_refusal_(std::move(note_refusal)) {}

  // Runs `body` on gRPC's own thread: for work that does not block.
  grpc::ServerUnaryReactor* RunInline(grpc::CallbackServerContext* context, const char* method, const CallBody& body);

  // Runs `body` on `lane`, which must be gone before this is; a full lane refuses as the limit does. A call whose
  // deadline has passed by the time it is its turn gets DEADLINE_EXCEEDED and does nothing.
  grpc::ServerUnaryReactor* RunOn(WorkLane& lane, grpc::CallbackServerContext* context, const char* method,
                                  CallBody body);

  // The two below are what the others stand on, for calls of another shape (rpc_stream.h).

  // One call, from Begin to Finish.
  struct Call {
    grpc::CallbackServerContext* context;
    const char* method;
    std::function<void(const grpc::Status&)> finish;  // Ends the call; it may be gone afterwards.
    std::string request_id = {};
    TraceContext trace = {};
    absl::Time start = {};
    std::chrono::steady_clock::time_point arrival = {};
    Caller caller = {};
  };
  // Fills the rest of `call`. False if it has been refused, and finished.
  bool Begin(Call* call);
  // Ends a call that Begin let pass: once, and the last that is done for it.
  void Finish(const Call& call, const absl::Status& status, const CallNotes& notes);

  Clock& clock() const { return clock_; }

 private:
  void Perform(const Call& call, const CallBody& body);
  void NoteIfAdminCall(const Call& call, const absl::Status& refusal) const;

  const int max_in_flight_;
  Clock& clock_;
  const CallerAuthorizer& authorizer_;
  RpcMetrics metrics_;
  const NoteRefusal note_refusal_;
  std::atomic<int> in_flight_{0};
};

// What a call gets that finds no place: RESOURCE_EXHAUSTED, TOO_MANY_REQUESTS.
absl::Status TooManyRequests();

// True once the caller no longer waits for the answer.
bool HasGivenUp(const grpc::CallbackServerContext& context, Clock& clock);

}  // namespace tokens

#endif  // TOKEN_SERVICE_RPC_CALL_H_
