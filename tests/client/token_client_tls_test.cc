// The client's side of mutual TLS.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/mutual_tls.h"
#include "tests/support/temp_directory.h"
#include "token_service/client/token_client.h"
#include "token_service/server.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;
using testing::MutualTls;
using testing::PemOf;
using testing::TestAuthority;
using testing::TlsIdentity;

class TokenClientTlsTest : public ::testing::Test {
 protected:
  TokenClientTlsTest() {
    ListenOptions options;
    options.grpc_listen = "127.0.0.1:0";
    options.tls = tls_.server_files();
    auto server = Server::Start(options, {&service_});
    if (server.ok()) server_ = *std::move(server);
  }

  // What Validate, unimplemented there, answers to a client that calls the server `host` and trusts `authority`.
  absl::StatusCode CallTo(const std::string& host, const TestAuthority& authority) {
    const TlsIdentity self = tls_.Client("DNS:client");
    const TlsFiles files{files_.Write("client.pem", PemOf(*self.certificate)),
                         files_.Write("client.key", PemOf(*self.key)),
                         files_.Write("ca.pem", authority.CertificatePem())};
    const std::string& address = server_->grpc_address();
    const auto client = TokenClient::Create(absl::StrCat(host, address.substr(address.rfind(':'))), files);
    if (!client.ok()) return client.status().code();
    return (*client)->Validate({}, {absl::Now() + absl::Seconds(20), ""}).status().code();
  }

  const MutualTls tls_;
  const testing::TempDirectory files_;
  pb::TokenService::CallbackService service_;
  std::unique_ptr<Server> server_;
};

TEST_F(TokenClientTlsTest, ReachesTheServerThatItsCertificateNames) {
  EXPECT_EQ(CallTo("localhost", tls_.authority()), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(CallTo("dns:///localhost", tls_.authority()), absl::StatusCode::kUnimplemented);
}

TEST_F(TokenClientTlsTest, TalksToNoServerOfAnotherName) {
  EXPECT_EQ(CallTo("127.0.0.1", tls_.authority()), absl::StatusCode::kUnavailable);
}

TEST_F(TokenClientTlsTest, TalksToNoServerOfAnotherAuthority) {
  EXPECT_EQ(CallTo("localhost", TestAuthority()), absl::StatusCode::kUnavailable);
}

TEST_F(TokenClientTlsTest, AMissingFileIsRefused) {
  EXPECT_EQ(TokenClient::Create("localhost:1", {"/nonexistent", "/nonexistent", "/nonexistent"}).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tokens
