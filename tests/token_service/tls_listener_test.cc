// What the TLS listener speaks, and how its files are replaced under it.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "didpic/token/v1/token_service.grpc.pb.h"
#include "tests/support/mutual_tls.h"
#include "token_service/base/certificate_files.h"
#include "token_service/server.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;
using testing::MutualTls;
using testing::TestAuthority;
using testing::TlsIdentity;

// Answers Validate, the one with the token "wait" only when told to.
class StubService final : public pb::TokenService::Service {
 public:
  grpc::Status Validate(grpc::ServerContext*, const pb::ValidateRequest* request, pb::ValidateResponse*) override {
    if (request->token() == "wait") {
      arrived.Notify();
      release.WaitForNotification();
    }
    return grpc::Status::OK;
  }
  absl::Notification arrived;
  absl::Notification release;
};

class TlsListenerTest : public ::testing::Test {
 protected:
  TlsListenerTest() {
    ListenOptions options;
    options.grpc_listen = "127.0.0.1:0";
    options.tls = tls_.server_files();
    options.tls_refresh = absl::Seconds(1);
    auto server = Server::Start(options, {&service_});
    if (server.ok()) server_ = *std::move(server);
  }
  const std::string& address() const { return server_->grpc_address(); }

  static grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& token = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    pb::ValidateRequest request;
    request.set_token(token);
    pb::ValidateResponse response;
    return pb::TokenService::NewStub(channel)->Validate(&context, request, &response);
  }

  MutualTls tls_;
  StubService service_;
  std::unique_ptr<Server> server_;
};

// The protocol and cipher that are agreed upon with a client that offers these; "" if there is no agreement.
std::string Negotiate(const std::string& address, const TlsIdentity& client, int lowest, int highest,
                      const char* ciphers_12 = nullptr) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);  // the server must refuse by itself what is weak
  SSL_CTX_set_min_proto_version(context.get(), lowest);
  SSL_CTX_set_max_proto_version(context.get(), highest);
  SSL_CTX_use_certificate(context.get(), client.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), client.key.get());
  if (ciphers_12 != nullptr) SSL_CTX_set_cipher_list(context.get(), ciphers_12);
  constexpr unsigned char kH2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kH2, sizeof kH2);
  const std::unique_ptr<BIO, void (*)(BIO*)> bio(BIO_new_ssl_connect(context.get()), &BIO_free_all);
  BIO_set_conn_hostname(bio.get(), address.c_str());
  if (BIO_do_handshake(bio.get()) != 1) return "";
  SSL* ssl = nullptr;
  BIO_get_ssl(bio.get(), &ssl);
  return absl::StrCat(SSL_get_version(ssl), " ", SSL_get_cipher_name(ssl));
}

TEST_F(TlsListenerTest, SpeaksTls13AndTls12WithForwardSecrecyAndNothingElse) {
  ASSERT_NE(server_, nullptr);
  const TlsIdentity client = tls_.Client("DNS:client");
  EXPECT_EQ(Negotiate(address(), client, TLS1_VERSION, TLS1_3_VERSION).substr(0, 8), "TLSv1.3 ");
  const std::string tls12 = Negotiate(address(), client, TLS1_2_VERSION, TLS1_2_VERSION, "ALL:@SECLEVEL=0");
  EXPECT_TRUE(tls12 == "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256" || tls12 == "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384")
      << tls12;
  EXPECT_EQ(Negotiate(address(), client, TLS1_VERSION, TLS1_1_VERSION, "ALL:@SECLEVEL=0"), "");
  for (const char* weak : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256", "NULL"}) {
    EXPECT_EQ(Negotiate(address(), client, TLS1_2_VERSION, TLS1_2_VERSION, weak), "") << weak;
  }
}

TEST_F(TlsListenerTest, ReplacedFilesServeNewConnectionsWhileCallsAndOldConnectionsGoOn) {
  ASSERT_NE(server_, nullptr);
  const TestAuthority next;
  const TlsIdentity old_client = tls_.Client("DNS:client");
  const TlsIdentity new_client = next.Issue("client", absl::Now() + absl::Hours(1));
  const auto old_channel = tls_.Connect(address(), &old_client);
  ASSERT_TRUE(Call(old_channel).ok());
  grpc::Status in_flight;
  std::thread waiting([&] { in_flight = Call(old_channel, "wait"); });
  service_.arrived.WaitForNotification();
  tls_.WriteServer(next);
  tls_.WriteClientCa(next);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!Call(MutualTls::Connect(address(), &new_client, next)).ok()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the new files are not read";
    EXPECT_TRUE(Call(old_channel).ok());
  }
  EXPECT_TRUE(Call(old_channel).ok());
  EXPECT_EQ(Call(tls_.Connect(address(), &old_client)).error_code(), grpc::UNAVAILABLE);
  service_.release.Notify();
  waiting.join();
  EXPECT_TRUE(in_flight.ok()) << in_flight.error_message();
}

TEST_F(TlsListenerTest, ADamagedFileLeavesTheOldOnesInUse) {
  const auto files = CertificateFiles::Open(tls_.server_files(), "server",
                                            {[](const std::string&, absl::Time) {}, [](const absl::Status&) {}});
  ASSERT_TRUE(files.ok()) << files.status();
  ListenOptions options;
  options.grpc_listen = "127.0.0.1:0";
  options.tls = (*files)->in_use();
  const auto server = Server::Start(options, {&service_});
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string& guarded = (*server)->grpc_address();
  const TlsIdentity client = tls_.Client("DNS:client");
  ASSERT_TRUE(Call(tls_.Connect(guarded, &client)).ok());

  tls_.Damage();
  // The listener that was given the files themselves has none any more: once that is so, the other has looked as often.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (Call(tls_.Connect(address(), &client)).ok()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    (*files)->Look();
  }
  EXPECT_TRUE(Call(tls_.Connect(guarded, &client)).ok());
  tls_.WriteServer(tls_.authority());
  tls_.WriteClientCa(tls_.authority());
  (*files)->Look();
  EXPECT_TRUE(Call(tls_.Connect(guarded, &client)).ok());
}

}  // namespace
}  // namespace tokens
