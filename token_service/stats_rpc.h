#ifndef TOKEN_SERVICE_STATS_RPC_H_
#define TOKEN_SERVICE_STATS_RPC_H_

#include "didpic/token/v1/admin_service.grpc.pb.h"
#include "storage/store_stats.h"
#include "token_service/rpc_call.h"
#include "token_service/service_metrics.h"
#include "token_service/work_lane.h"

namespace tokens {

// AdminService/GetStats, for AdminRpc: what the metrics are read from, on `lane`.
class StatsRpc {
 public:
  // All must outlive this, and the server must be shut down before this goes.
  StatsRpc(const ServiceMetrics& metrics, storage::StatsSource& store, RpcCalls& calls, WorkLane& lane)
      : metrics_(metrics), store_(store), calls_(calls), lane_(lane) {}

  grpc::ServerUnaryReactor* GetStats(grpc::CallbackServerContext* context,
                                     const didpic::token::v1::GetStatsRequest* request,
                                     didpic::token::v1::GetStatsResponse* response);

 private:
  void Fill(didpic::token::v1::GetStatsResponse* response) const;

  const ServiceMetrics& metrics_;
  storage::StatsSource& store_;
  RpcCalls& calls_;
  WorkLane& lane_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_STATS_RPC_H_
