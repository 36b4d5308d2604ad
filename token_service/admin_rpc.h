#ifndef TOKEN_SERVICE_ADMIN_RPC_H_
#define TOKEN_SERVICE_ADMIN_RPC_H_

#include "didpic/token/v1/admin_service.grpc.pb.h"
#include "token_service/account_register.h"
#include "token_service/backup_rpc.h"
#include "token_service/diagnosis_rpc.h"
#include "token_service/rpc_call.h"
#include "token_service/stats_rpc.h"
#include "token_service/work_lane.h"

namespace tokens {

// AdminService on the wire (proto/didpic/token/v1/admin_service.proto): proto in, domain call, proto out. What writes
// runs on `writes`, what diagnoses, backs up or tells stats on lanes of their own (diagnosis_rpc.h, backup_rpc.h,
// stats_rpc.h), the rest on gRPC's threads.
class AdminRpc final : public didpic::token::v1::AdminService::CallbackService {
 public:
  // All must outlive this, and the server must be shut down before this goes.
  AdminRpc(AccountRegister& accounts, DiagnosisRpc& diagnosis, BackupRpc& backups, StatsRpc& stats, RpcCalls& calls,
           WorkLane& writes)
      : accounts_(accounts), diagnosis_(diagnosis), backups_(backups), stats_(stats), calls_(calls), writes_(writes) {}

  grpc::ServerUnaryReactor* SetAccountStatus(grpc::CallbackServerContext* context,
                                             const didpic::token::v1::SetAccountStatusRequest* request,
                                             didpic::token::v1::SetAccountStatusResponse* response) override;
  grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext* context,
                                       const didpic::token::v1::GetAccountRequest* request,
                                       didpic::token::v1::GetAccountResponse* response) override;
  grpc::ServerUnaryReactor* DescribeClient(grpc::CallbackServerContext* context,
                                           const didpic::token::v1::DescribeClientRequest* request,
                                           didpic::token::v1::DescribeClientResponse* response) override {
    return diagnosis_.DescribeClient(context, request, response);
  }
  grpc::ServerUnaryReactor* DiscoverServer(grpc::CallbackServerContext* context,
                                           const didpic::token::v1::DiscoverServerRequest* request,
                                           didpic::token::v1::DiscoverServerResponse* response) override {
    return diagnosis_.DiscoverServer(context, request, response);
  }
  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* context,
                                         const didpic::token::v1::CreateBackupRequest* request,
                                         didpic::token::v1::CreateBackupResponse* response) override {
    return backups_.CreateBackup(context, request, response);
  }
  grpc::ServerUnaryReactor* GetStats(grpc::CallbackServerContext* context,
                                     const didpic::token::v1::GetStatsRequest* request,
                                     didpic::token::v1::GetStatsResponse* response) override {
    return stats_.GetStats(context, request, response);
  }

 private:
  AccountRegister& accounts_;
  DiagnosisRpc& diagnosis_;
  BackupRpc& backups_;
  StatsRpc& stats_;
  RpcCalls& calls_;
  WorkLane& writes_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_ADMIN_RPC_H_
