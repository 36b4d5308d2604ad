#ifndef TOKEN_SERVICE_ADMIN_RPC_H_
#define TOKEN_SERVICE_ADMIN_RPC_H_

#include "didpic/token/v1/admin_service.grpc.pb.h"
#include "token_service/account_register.h"
#include "token_service/rpc_call.h"
#include "token_service/work_lane.h"

namespace tokens {

// AdminService on the wire (proto/didpic/token/v1/admin_service.proto): proto in, domain call, proto out. What writes
// runs on `writes`, the rest on gRPC's threads.
class AdminRpc final : public didpic::token::v1::AdminService::CallbackService {
 public:
  // All must outlive this, and the server must be shut down before this goes.
  AdminRpc(AccountRegister& accounts, RpcCalls& calls, WorkLane& writes)
      : accounts_(accounts), calls_(calls), writes_(writes) {}

  grpc::ServerUnaryReactor* SetAccountStatus(grpc::CallbackServerContext* context,
                                             const didpic::token::v1::SetAccountStatusRequest* request,
                                             didpic::token::v1::SetAccountStatusResponse* response) override;
  grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext* context,
                                       const didpic::token::v1::GetAccountRequest* request,
                                       didpic::token::v1::GetAccountResponse* response) override;

 private:
  AccountRegister& accounts_;
  RpcCalls& calls_;
  WorkLane& writes_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_ADMIN_RPC_H_
