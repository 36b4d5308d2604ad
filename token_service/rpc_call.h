#ifndef TOKEN_SERVICE_RPC_CALL_H_
#define TOKEN_SERVICE_RPC_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/audit_entry.h"
#include "token_service/base/clock.h"
#include "token_service/caller_authorizer.h"
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
  // `clock` and `authorizer` must outlive this. Over `max_in_flight` calls are refused with RESOURCE_EXHAUSTED at once.
  RpcCalls(int max_in_flight, Clock& clock, const CallerAuthorizer& authorizer, RpcMetrics metrics = RpcMetrics())
      : max_in_flight_(max_in_flight), clock_(clock), authorizer_(authorizer), metrics_(std::move(metrics)) {}

  // Runs `body` on gRPC's own thread: for work that does not block.
  grpc::ServerUnaryReactor* RunInline(grpc::CallbackServerContext* context, const char* method, const CallBody& body);

  // Runs `body` on `lane`, which must be gone before this is; a full lane refuses as the limit does. A call whose
  // deadline has passed by the time it is its turn gets DEADLINE_EXCEEDED and does nothing.
  grpc::ServerUnaryReactor* RunOn(WorkLane& lane, grpc::CallbackServerContext* context, const char* method,
                                  CallBody body);

 private:
  struct Call;

  bool Begin(Call* call);  // False if the call has been refused, and finished.
  void Finish(const Call& call, const absl::Status& status, const CallNotes& notes);
  void Perform(const Call& call, const CallBody& body);

  const int max_in_flight_;
  Clock& clock_;
  const CallerAuthorizer& authorizer_;
  RpcMetrics metrics_;
  std::atomic<int> in_flight_{0};
};

// True once the caller no longer waits for the answer.
bool HasGivenUp(const grpc::CallbackServerContext& context, Clock& clock);

}  // namespace tokens

#endif  // TOKEN_SERVICE_RPC_CALL_H_
