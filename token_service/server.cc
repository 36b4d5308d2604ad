#include "token_service/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "didpic/token/v1/admin_service.grpc.pb.h"
#include "didpic/token/v1/audit_service.grpc.pb.h"
#include "didpic/token/v1/session_service.grpc.pb.h"
#include "didpic/token/v1/token_service.grpc.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/read_file.h"

namespace tokens {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;
// The largest sensible request: a batch of 1,000 tokens as clients send them, with room for some oversized ones.
constexpr int kMaxMessageBytes = 1 << 20;

// Asks ListenOptions::check_certificate. Owned by the credentials.
class CertificateCheck final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit CertificateCheck(const std::function<absl::Status(absl::string_view)>& check) : check_(check) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* sync_status) override {
    const grpc::string_ref pem = request->peer_cert();
    *sync_status = ToGrpcStatus(check_({pem.data(), pem.size()}));
    return true;  // answered here and now
  }
  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::function<absl::Status(absl::string_view)> check_;
};

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const ListenOptions& listen) {
  const TlsFiles& tls = listen.tls;
  if (tls.empty()) return grpc::InsecureServerCredentials();
  for (const std::string& path : {tls.certificate, tls.key, tls.peer_ca}) {
    if (absl::StatusOr<std::string> pem = ReadFile(path, kMaxPemBytes); !pem.ok()) return pem.status();
  }
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key, tls.certificate, tls.peer_ca, static_cast<unsigned>(absl::ToInt64Seconds(listen.tls_refresh)));
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  if (listen.check_certificate) {
    options.set_certificate_verifier(
        grpc::experimental::ExternalCertificateVerifier::Create<CertificateCheck>(listen.check_certificate));
  }
  return grpc::experimental::TlsServerCredentials(options);
}

// Replaces the port asked for by the one bound.
std::string BoundAddress(const std::string& asked, int port) {
  if (absl::StartsWith(asked, "unix:")) return asked;
  return absl::StrCat(asked.substr(0, asked.rfind(':')), ":", port);
}

std::unique_ptr<grpc::Server> StartHealthServer(const std::string& address, int* port) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), port);
  return builder.BuildAndStart();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ListenOptions& options,
                                                      const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  // gRPC's own health service brings no descriptor; with this one reflection can describe it.
  google::protobuf::LinkMessageReflection<grpc::health::v1::HealthCheckRequest>();
  const auto credentials = MakeCredentials(options);
  if (!credentials.ok()) return credentials.status();

  std::unique_ptr<Server> result(new Server);
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a second process on the same port must fail
  int port = 0;
  builder.AddListeningPort(options.grpc_listen, *credentials, &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  result->service_names_ = {
      "", didpic::token::v1::TokenService::service_full_name(), didpic::token::v1::AdminService::service_full_name(),
      didpic::token::v1::AuditService::service_full_name(), didpic::token::v1::SessionService::service_full_name()};
  result->server_ = builder.BuildAndStart();
  if (result->server_ == nullptr || (port == 0 && !absl::StartsWith(options.grpc_listen, "unix:"))) {
    return absl::UnavailableError(absl::StrCat("--grpc_listen: cannot listen on ", options.grpc_listen));
  }
  result->grpc_address_ = BoundAddress(options.grpc_listen, port);
  if (!options.health_listen.empty()) {
    result->health_server_ = StartHealthServer(options.health_listen, &port);
    if (result->health_server_ == nullptr) {
      return absl::UnavailableError(absl::StrCat("--health_listen: cannot listen on ", options.health_listen));
    }
    result->health_address_ = BoundAddress(options.health_listen, port);
  }
  result->SetServing(true);
  return result;
}

void Server::SetServing(bool serving) {
  for (const std::unique_ptr<grpc::Server>* server : {&server_, &health_server_}) {
    if (*server == nullptr) continue;
    for (const std::string& name : service_names_) (*server)->GetHealthCheckService()->SetServingStatus(name, serving);
  }
}

void Server::Drain(absl::Duration grace) {
  SetServing(false);
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  server_->Wait();
  if (health_server_ != nullptr) {
    health_server_->Shutdown(absl::ToChronoTime(absl::Now()));
    health_server_->Wait();
  }
}

Server::~Server() {
  for (const std::unique_ptr<grpc::Server>* server : {&health_server_, &server_}) {
    if (*server != nullptr) (*server)->Shutdown(absl::ToChronoTime(absl::Now()));
  }
}

}  // namespace tokens
