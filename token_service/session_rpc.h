#ifndef TOKEN_SERVICE_SESSION_RPC_H_
#define TOKEN_SERVICE_SESSION_RPC_H_

#include "didpic/token/v1/session_service.grpc.pb.h"
#include "token_service/rpc_call.h"
#include "token_service/session_rotator.h"
#include "token_service/session_verifier.h"
#include "token_service/work_lane.h"

namespace tokens {

// SessionService on the wire (proto/didpic/token/v1/session_service.proto): proto in, domain call, proto out. Whatever
// writes runs on `writes`, and what may ask other hosts first, CreateSession for a client, on `fetches`. The log gets
// DIDs, session ids and reasons; never a JWT or a `jti`.
class SessionRpc final : public didpic::token::v1::SessionService::CallbackService {
 public:
  // All must outlive this, and the server must be shut down before this goes.
  SessionRpc(SessionRotator& rotator, SessionVerifier& verifier, RpcCalls& calls, WorkLane& writes, WorkLane& fetches)
      : rotator_(rotator), verifier_(verifier), calls_(calls), writes_(writes), fetches_(fetches) {}

  grpc::ServerUnaryReactor* CreateSession(grpc::CallbackServerContext* context,
                                          const didpic::token::v1::CreateSessionRequest* request,
                                          didpic::token::v1::CreateSessionResponse* response) override;
  grpc::ServerUnaryReactor* RefreshSession(grpc::CallbackServerContext* context,
                                           const didpic::token::v1::RefreshSessionRequest* request,
                                           didpic::token::v1::RefreshSessionResponse* response) override;
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* context,
                                       const didpic::token::v1::GetSessionRequest* request,
                                       didpic::token::v1::GetSessionResponse* response) override;
  grpc::ServerUnaryReactor* DeleteSession(grpc::CallbackServerContext* context,
                                          const didpic::token::v1::DeleteSessionRequest* request,
                                          didpic::token::v1::DeleteSessionResponse* response) override;
  grpc::ServerUnaryReactor* ListSigningKeys(grpc::CallbackServerContext* context,
                                            const didpic::token::v1::ListSigningKeysRequest* request,
                                            didpic::token::v1::ListSigningKeysResponse* response) override;

 private:
  SessionRotator& rotator_;
  SessionVerifier& verifier_;
  RpcCalls& calls_;
  WorkLane& writes_;
  WorkLane& fetches_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_SESSION_RPC_H_
