#ifndef TOKEN_SERVICE_SERVER_H_
#define TOKEN_SERVICE_SERVER_H_

#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/base/tls_files.h"

namespace tokens {

// Where and how to listen.
struct ListenOptions {
  std::string grpc_listen;
  std::string health_listen;  // Empty for none.
  TlsFiles tls;  // Empty for plaintext; otherwise mutual TLS, read again when the files change, which must be good.
  // Asked at the end of each TLS handshake with the client's certificate, PEM, whose chain has been verified; an error
  // ends the connection. Must outlive the server. Empty for no such question.
  std::function<absl::Status(absl::string_view)> check_certificate = {};
  absl::Duration tls_refresh = absl::Seconds(1);  // How often the files are looked at; whole seconds.
};

// The listeners: the services with reflection and grpc.health.v1 on one, grpc.health.v1 alone and in plaintext on the
// other. Health knows "" (the whole server) and each service by its full name.
class Server {
 public:
  // Starts to listen; every service must outlive the server. UNAVAILABLE if an address cannot be bound,
  // INVALID_ARGUMENT if the TLS files do not serve.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ListenOptions& options,
                                                       const std::vector<grpc::Service*>& services);

  // Stops at once what Drain has not stopped.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "HOST:PORT" with the port really bound, or "unix:PATH".
  const std::string& grpc_address() const { return grpc_address_; }
  // Empty if there is no such listener.
  const std::string& health_address() const { return health_address_; }

  // Says NOT_SERVING, takes no new calls and returns when those in flight are done; cancels what is left after `grace`.
  void Drain(absl::Duration grace);

 private:
  Server() = default;
  void SetServing(bool serving);

  std::vector<std::string> service_names_;  // With "".
  std::string grpc_address_;
  std::string health_address_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::Server> health_server_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_SERVER_H_
