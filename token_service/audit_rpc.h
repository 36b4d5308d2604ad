#ifndef TOKEN_SERVICE_AUDIT_RPC_H_
#define TOKEN_SERVICE_AUDIT_RPC_H_

#include "didpic/token/v1/audit_service.grpc.pb.h"
#include "storage/audit_log.h"
#include "token_service/rpc_call.h"
#include "token_service/work_lane.h"

namespace tokens {

// AuditService on the wire (proto/didpic/token/v1/audit_service.proto), on `exports`, in which every export under way
// holds a place.
class AuditRpc final : public didpic::token::v1::AuditService::CallbackService {
 public:
  // All must outlive this, and the server must be shut down before this goes.
  AuditRpc(storage::AuditLog& audit, RpcCalls& calls, WorkLane& exports)
      : audit_(audit), calls_(calls), exports_(exports) {}

  grpc::ServerWriteReactor<didpic::token::v1::ExportResponse>* Export(
      grpc::CallbackServerContext* context, const didpic::token::v1::ExportRequest* request) override;

 private:
  storage::AuditLog& audit_;
  RpcCalls& calls_;
  WorkLane& exports_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_AUDIT_RPC_H_
