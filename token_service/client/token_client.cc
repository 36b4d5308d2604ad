#include "token_service/client/token_client.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "token_service/base/grpc_status.h"
#include "token_service/base/read_file.h"
#include "token_service/base/request_id.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

constexpr unsigned kTlsRefreshSeconds = 1;
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr int kFirstReconnectMs = 100;
constexpr int kLongestReconnectMs = 1000;  // gRPC's own default lets an outage outlast its cause by two minutes
constexpr int kKeepaliveMs = 30000;

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(const TlsFiles& tls) {
  if (tls.empty()) return grpc::InsecureChannelCredentials();
  for (const std::string& path : {tls.certificate, tls.key, tls.peer_ca}) {
    if (absl::StatusOr<std::string> pem = ReadFile(path, kMaxPemBytes); !pem.ok()) return pem.status();
  }
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key, tls.certificate, tls.peer_ca, kTlsRefreshSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

void Prepare(const CallOptions& options, grpc::ClientContext* context) {
  context->set_deadline(absl::ToChronoTime(options.deadline));
  if (!options.request_id.empty()) context->AddMetadata(kRequestIdHeader, options.request_id);
  if (options.trace.trace_id.empty()) return;
  context->AddMetadata(kTraceparentHeader, FormatTraceparent(options.trace));
  if (!options.trace.state.empty()) context->AddMetadata(kTracestateHeader, options.trace.state);
}

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub, grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request, const CallOptions& options) {
  grpc::ClientContext context;
  Prepare(options, &context);
  Response response;
  const absl::Status status = FromGrpcStatus((stub.*rpc)(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenClient>> TokenClient::Create(const std::string& target, const TlsFiles& tls) {
  const auto credentials = MakeCredentials(tls);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestReconnectMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetLoadBalancingPolicyName("round_robin");
  return std::unique_ptr<TokenClient>(new TokenClient(grpc::CreateCustomChannel(target, *credentials, arguments)));
}

TokenClient::TokenClient(const std::shared_ptr<grpc::Channel>& channel)
    : tokens_(pb::TokenService::NewStub(channel)),
      sessions_(pb::SessionService::NewStub(channel)),
      health_(grpc::health::v1::Health::NewStub(channel)) {}

absl::StatusOr<pb::MintResponse> TokenClient::Mint(const pb::MintRequest& request, const CallOptions& options) {
  return Call(*tokens_, &pb::TokenService::Stub::Mint, request, options);
}

absl::StatusOr<pb::SpendSingleUseIdResponse> TokenClient::SpendSingleUseId(const pb::SpendSingleUseIdRequest& request,
                                                                           const CallOptions& options) {
  return Call(*tokens_, &pb::TokenService::Stub::SpendSingleUseId, request, options);
}

absl::StatusOr<pb::ValidateResponse> TokenClient::Validate(const pb::ValidateRequest& request,
                                                           const CallOptions& options) {
  return Call(*tokens_, &pb::TokenService::Stub::Validate, request, options);
}

absl::StatusOr<pb::RevokeResponse> TokenClient::Revoke(const pb::RevokeRequest& request, const CallOptions& options) {
  return Call(*tokens_, &pb::TokenService::Stub::Revoke, request, options);
}

absl::StatusOr<pb::ListTokensResponse> TokenClient::ListTokens(const pb::ListTokensRequest& request,
                                                               const CallOptions& options) {
  return Call(*tokens_, &pb::TokenService::Stub::ListTokens, request, options);
}

absl::StatusOr<pb::RefreshSessionResponse> TokenClient::RefreshSession(const pb::RefreshSessionRequest& request,
                                                                       const CallOptions& options) {
  return Call(*sessions_, &pb::SessionService::Stub::RefreshSession, request, options);
}

absl::StatusOr<pb::GetSessionResponse> TokenClient::GetSession(const pb::GetSessionRequest& request,
                                                               const CallOptions& options) {
  return Call(*sessions_, &pb::SessionService::Stub::GetSession, request, options);
}

absl::StatusOr<pb::DeleteSessionResponse> TokenClient::DeleteSession(const pb::DeleteSessionRequest& request,
                                                                     const CallOptions& options) {
  return Call(*sessions_, &pb::SessionService::Stub::DeleteSession, request, options);
}

absl::StatusOr<pb::ListSigningKeysResponse> TokenClient::ListSigningKeys(const pb::ListSigningKeysRequest& request,
                                                                         const CallOptions& options) {
  return Call(*sessions_, &pb::SessionService::Stub::ListSigningKeys, request, options);
}

absl::Status TokenClient::CheckHealth(const CallOptions& options) {
  grpc::ClientContext context;
  Prepare(options, &context);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(pb::TokenService::service_full_name());
  grpc::health::v1::HealthCheckResponse response;
  absl::Status status = FromGrpcStatus(health_->Check(&context, request, &response));
  if (!status.ok()) return status;
  if (response.status() != grpc::health::v1::HealthCheckResponse::SERVING) {
    return absl::UnavailableError("the token service is not serving");
  }
  return absl::OkStatus();
}

}  // namespace tokens
