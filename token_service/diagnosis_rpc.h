#ifndef TOKEN_SERVICE_DIAGNOSIS_RPC_H_
#define TOKEN_SERVICE_DIAGNOSIS_RPC_H_

#include <utility>

#include "didpic/token/v1/admin_service.pb.h"
#include "token_service/identity/client_examination.h"
#include "token_service/rpc_call.h"
#include "token_service/work_lane.h"

namespace tokens {

// What a call is told that would have to ask another host, without --fetch_identity: FAILED_PRECONDITION,
// IDENTITY_FETCH_OFF.
absl::Status FetchOff();

// The methods of AdminService that ask other hosts, so that an operator sees what this service sees of them.
// Thread-safe.
class DiagnosisRpc {
 public:
  // `get` null: this service asks no other host, and says so. All calls run on `lane`, which they may hold for as long
  // as two fetches take. All must outlive this.
  DiagnosisRpc(GetJson get, RpcCalls& calls, WorkLane& lane) : get_(std::move(get)), calls_(calls), lane_(lane) {}

  grpc::ServerUnaryReactor* DescribeClient(grpc::CallbackServerContext* context,
                                           const didpic::token::v1::DescribeClientRequest* request,
                                           didpic::token::v1::DescribeClientResponse* response);

 private:
  const GetJson get_;
  RpcCalls& calls_;
  WorkLane& lane_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_DIAGNOSIS_RPC_H_
