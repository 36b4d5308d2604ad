#ifndef TOKEN_SERVICE_TOKEN_RPC_H_
#define TOKEN_SERVICE_TOKEN_RPC_H_

#include "didpic/token/v1/token_service.grpc.pb.h"
#include "token_service/rpc_call.h"
#include "token_service/session_verifier.h"
#include "token_service/token_issuer.h"
#include "token_service/token_lister.h"
#include "token_service/token_revoker.h"
#include "token_service/token_verifier.h"
#include "token_service/work_lane.h"

namespace tokens {

// The rules behind TokenService. All must outlive the RPC face.
struct TokenRules {
  TokenIssuer& issuer;
  TokenVerifier& verifier;
  TokenRevoker& revoker;
  TokenLister& lister;
  SessionVerifier& sessions;  // For what looks like a JWT.
};

// TokenService on the wire (proto/didpic/token/v1/token_service.proto): proto in, domain call, proto out. Validate runs
// on gRPC's threads; whatever writes runs on `writes`, whatever reads much on `reads`, so that neither holds Validate
// up.
class TokenRpc final : public didpic::token::v1::TokenService::CallbackService {
 public:
  // All must outlive this, and the server must be shut down before this goes.
  TokenRpc(const TokenRules& rules, RpcCalls& calls, WorkLane& reads, WorkLane& writes, Clock& clock)
      : rules_(rules), calls_(calls), reads_(reads), writes_(writes), clock_(clock) {}

  grpc::ServerUnaryReactor* Mint(grpc::CallbackServerContext* context, const didpic::token::v1::MintRequest* request,
                                 didpic::token::v1::MintResponse* response) override;
  grpc::ServerUnaryReactor* Validate(grpc::CallbackServerContext* context,
                                     const didpic::token::v1::ValidateRequest* request,
                                     didpic::token::v1::ValidateResponse* response) override;
  grpc::ServerUnaryReactor* BatchValidate(grpc::CallbackServerContext* context,
                                          const didpic::token::v1::BatchValidateRequest* request,
                                          didpic::token::v1::BatchValidateResponse* response) override;
  grpc::ServerUnaryReactor* Revoke(grpc::CallbackServerContext* context,
                                   const didpic::token::v1::RevokeRequest* request,
                                   didpic::token::v1::RevokeResponse* response) override;
  grpc::ServerUnaryReactor* ListTokens(grpc::CallbackServerContext* context,
                                       const didpic::token::v1::ListTokensRequest* request,
                                       didpic::token::v1::ListTokensResponse* response) override;

 private:
  absl::StatusOr<Verdict> Verify(const didpic::token::v1::ValidateRequest& request);

  const TokenRules rules_;
  RpcCalls& calls_;
  WorkLane& reads_;
  WorkLane& writes_;
  Clock& clock_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_TOKEN_RPC_H_
