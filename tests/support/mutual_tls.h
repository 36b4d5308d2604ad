#ifndef TESTS_SUPPORT_MUTUAL_TLS_H_
#define TESTS_SUPPORT_MUTUAL_TLS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_authority.h"
#include "token_service/base/tls_files.h"

namespace tokens::testing {

// The TLS files of a server called "localhost", in a directory of their own, and channels of its clients. Real TLS; all
// keys are made at run time.
class MutualTls {
 public:
  MutualTls() {
    WriteServer(authority_);
    WriteClientCa(authority_);
  }

  // Signs everybody, unless told otherwise.
  const TestAuthority& authority() const { return authority_; }

  TlsFiles server_files() const {
    return {directory_ / "server.pem", directory_ / "server.key", directory_ / "ca.pem"};
  }
  std::string crl_path() const { return directory_ / "crl.pem"; }

  // A new certificate and key of the server.
  void WriteServer(const TestAuthority& signer) const {
    const TlsIdentity server = signer.Issue("localhost", absl::Now() + absl::Hours(12));
    directory_.Write("server.key", PemOf(*server.key));
    directory_.Write("server.pem", PemOf(*server.certificate));
  }
  void WriteClientCa(const TestAuthority& signer) const { directory_.Write("ca.pem", signer.CertificatePem()); }
  // Makes the server's certificate and the clients' CA unreadable.
  void Damage() const {
    directory_.Write("server.pem", "damaged");
    directory_.Write("ca.pem", "damaged");
  }
  void WriteCrl(const std::string& text) const { directory_.Write("crl.pem", text); }

  // Somebody with these names, good for some hours.
  TlsIdentity Client(const std::string& names) const {
    return authority_.IssueTo("client", names, absl::Now() + absl::Hours(12));
  }

  // A connection of its own to the port of `address`, with `client`'s certificate, or none if that is null.
  std::shared_ptr<grpc::Channel> Connect(const std::string& address, const TlsIdentity* client) const {
    return Connect(address, client, authority_);
  }
  // The same, to a server whose certificate `signer` has signed.
  static std::shared_ptr<grpc::Channel> Connect(const std::string& address, const TlsIdentity* client,
                                                const TestAuthority& signer) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = signer.CertificatePem();
    if (client != nullptr) {
      options.pem_cert_chain = PemOf(*client->certificate);
      options.pem_private_key = PemOf(*client->key);
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("localhost" + address.substr(address.rfind(':')), grpc::SslCredentials(options),
                                     arguments);
  }

 private:
  const TempDirectory directory_;
  const TestAuthority authority_;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_MUTUAL_TLS_H_
