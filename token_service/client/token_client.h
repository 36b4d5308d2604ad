#ifndef TOKEN_SERVICE_CLIENT_TOKEN_CLIENT_H_
#define TOKEN_SERVICE_CLIENT_TOKEN_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "didpic/token/v1/session_service.grpc.pb.h"
#include "didpic/token/v1/token_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "token_service/base/tls_files.h"
#include "token_service/base/trace_context.h"

namespace tokens {

// How one call is made.
struct CallOptions {
  absl::Time deadline;      // The call has ended by then.
  std::string request_id;   // Sent along and logged by the server; empty for none.
  TraceContext trace = {};  // Whose span makes the call; sent along as traceparent and tracestate. None by default.
};

// C++ client of the token service, for AppView services and for the XRPC shim. One connection to each address that the
// target resolves to; it reconnects by itself, and a call made while there is none fails at once with UNAVAILABLE.
//
// Thread-safe; calls block. Errors are the server's, with their details (token_service/base/status_details.h). An error
// means that the question was not answered; it never means that a token is bad.
class TokenClient {
 public:
  // `target` is a gRPC target such as "127.0.0.1:50051", "dns:///tokens.example:50051" or "unix:/run/tokens". `tls`
  // empty means plaintext; otherwise the server's name is checked against its certificate, and ours is presented.
  // NOT_FOUND or INVALID_ARGUMENT if a TLS file cannot be used. Does not connect yet.
  static absl::StatusOr<std::unique_ptr<TokenClient>> Create(const std::string& target, const TlsFiles& tls);

  absl::StatusOr<didpic::token::v1::MintResponse> Mint(const didpic::token::v1::MintRequest& request,
                                                       const CallOptions& options);

  absl::StatusOr<didpic::token::v1::SpendSingleUseIdResponse> SpendSingleUseId(
      const didpic::token::v1::SpendSingleUseIdRequest& request, const CallOptions& options);

  // A caller must treat an unset verdict as a refusal.
  absl::StatusOr<didpic::token::v1::ValidateResponse> Validate(const didpic::token::v1::ValidateRequest& request,
                                                               const CallOptions& options);

  absl::StatusOr<didpic::token::v1::RevokeResponse> Revoke(const didpic::token::v1::RevokeRequest& request,
                                                           const CallOptions& options);

  absl::StatusOr<didpic::token::v1::ListTokensResponse> ListTokens(const didpic::token::v1::ListTokensRequest& request,
                                                                   const CallOptions& options);

  // For RefreshSession and GetSession, a caller must treat an unset result as a refusal.
  absl::StatusOr<didpic::token::v1::RefreshSessionResponse> RefreshSession(
      const didpic::token::v1::RefreshSessionRequest& request, const CallOptions& options);

  absl::StatusOr<didpic::token::v1::GetSessionResponse> GetSession(const didpic::token::v1::GetSessionRequest& request,
                                                                   const CallOptions& options);

  absl::StatusOr<didpic::token::v1::DeleteSessionResponse> DeleteSession(
      const didpic::token::v1::DeleteSessionRequest& request, const CallOptions& options);

  absl::StatusOr<didpic::token::v1::ListSigningKeysResponse> ListSigningKeys(
      const didpic::token::v1::ListSigningKeysRequest& request, const CallOptions& options);

  // OK if the server says that TokenService is SERVING.
  absl::Status CheckHealth(const CallOptions& options);

 private:
  explicit TokenClient(const std::shared_ptr<grpc::Channel>& channel);

  const std::unique_ptr<didpic::token::v1::TokenService::Stub> tokens_;
  const std::unique_ptr<didpic::token::v1::SessionService::Stub> sessions_;
  const std::unique_ptr<grpc::health::v1::Health::Stub> health_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_CLIENT_TOKEN_CLIENT_H_
