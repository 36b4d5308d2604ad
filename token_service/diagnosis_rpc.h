#ifndef TOKEN_SERVICE_DIAGNOSIS_RPC_H_
#define TOKEN_SERVICE_DIAGNOSIS_RPC_H_

#include <functional>
#include <utility>

#include "didpic/token/v1/admin_service.pb.h"
#include "token_service/identity/client_examination.h"
#include "token_service/identity/server_discovery.h"
#include "token_service/rpc_call.h"
#include "token_service/work_lane.h"

namespace tokens {

// What a call is told that would have to ask another host, without --fetch_identity: FAILED_PRECONDITION,
// IDENTITY_FETCH_OFF.
absl::Status FetchOff();

// ServerDiscovery::Discover, as a value.
using DiscoverAccount = std::function<Discovery(absl::string_view handle_or_did)>;

// The methods of AdminService that ask other hosts, so that an operator sees what this service sees of them.
// Thread-safe.
class DiagnosisRpc {
 public:
  // Null functions: this service asks no other host, and says so. All calls run on `lane`, which they may hold for as
  // long as the functions take (DescribeClient: two fetches). All must outlive this.
  DiagnosisRpc(GetJson get, DiscoverAccount discover, RpcCalls& calls, WorkLane& lane)
      : get_(std::move(get)), discover_(std::move(discover)), calls_(calls), lane_(lane) {}

  grpc::ServerUnaryReactor* DescribeClient(grpc::CallbackServerContext* context,
                                           const didpic::token::v1::DescribeClientRequest* request,
                                           didpic::token::v1::DescribeClientResponse* response);
  grpc::ServerUnaryReactor* DiscoverServer(grpc::CallbackServerContext* context,
                                           const didpic::token::v1::DiscoverServerRequest* request,
                                           didpic::token::v1::DiscoverServerResponse* response);

 private:
  const GetJson get_;
  const DiscoverAccount discover_;
  RpcCalls& calls_;
  WorkLane& lane_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_DIAGNOSIS_RPC_H_
