#ifndef TOKEN_SERVICE_BACKUP_RPC_H_
#define TOKEN_SERVICE_BACKUP_RPC_H_

#include "didpic/token/v1/admin_service.pb.h"
#include "token_service/backup_maker.h"
#include "token_service/rpc_call.h"
#include "token_service/work_lane.h"

namespace tokens {

// AdminService/CreateBackup (proto/didpic/token/v1/admin_service.proto), on a lane of its own, which must have room for
// two: one works for minutes, and whoever comes meanwhile is told so.
class BackupRpc {
 public:
  // All must outlive this.
  BackupRpc(BackupMaker& maker, RpcCalls& calls, WorkLane& lane) : maker_(maker), calls_(calls), lane_(lane) {}

  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* context,
                                         const didpic::token::v1::CreateBackupRequest* request,
                                         didpic::token::v1::CreateBackupResponse* response);

 private:
  BackupMaker& maker_;
  RpcCalls& calls_;
  WorkLane& lane_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BACKUP_RPC_H_
