// The listeners: reflection, health, mutual TLS, drain.
#include "token_service/server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "didpic/token/v1/token_service.grpc.pb.h"
#include "tests/support/temp_directory.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

// Answers every Validate with a refusal.
class StubService final : public pb::TokenService::CallbackService {
  grpc::ServerUnaryReactor* Validate(grpc::CallbackServerContext* context, const pb::ValidateRequest*,
                                     pb::ValidateResponse* response) override {
    response->mutable_refusal();
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

grpc::Status CallValidate(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = pb::TokenService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  pb::ValidateResponse response;
  return stub->Validate(&context, {}, &response);
}

// Runs openssl; certificates are made anew for each test run.
void OpenSsl(const std::string& arguments) {
  ASSERT_EQ(std::system(("openssl " + arguments + " >/dev/null 2>&1").c_str()), 0) << arguments;
}

struct Party {
  std::string certificate;
  std::string key;
};

// A CA and a leaf for localhost signed by it.
Party MakeParty(const std::string& directory, const std::string& ca, const std::string& name) {
  const std::string base = directory + "/" + name;
  if (ca == name) {
    OpenSsl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name + " -keyout " +
            base + ".key -out " + base + ".pem");
  } else {
    OpenSsl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
            " -addext subjectAltName=DNS:localhost -keyout " + base + ".key -out " + base + ".csr");
    OpenSsl("x509 -req -days 2 -copy_extensions copy -in " + base + ".csr -CA " + directory + "/" + ca +
            ".pem -CAkey " + directory + "/" + ca + ".key -CAcreateserial -out " + base + ".pem");
  }
  return {base + ".pem", base + ".key"};
}

std::string Read(const std::string& path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::shared_ptr<grpc::Channel> TlsChannel(const std::string& address, const std::string& ca, const Party* self) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = Read(ca);
  if (self != nullptr) {
    options.pem_cert_chain = Read(self->certificate);
    options.pem_private_key = Read(self->key);
  }
  return grpc::CreateChannel("localhost" + address.substr(address.rfind(':')), grpc::SslCredentials(options));
}

TEST(ServerTest, PortZeroIsReplacedByTheBoundOne) {
  StubService service;
  const auto server = Server::Start({"127.0.0.1:0", "127.0.0.1:0", {}}, {&service});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_NE((*server)->grpc_address(), "127.0.0.1:0");
  EXPECT_NE((*server)->health_address(), (*server)->grpc_address());
  EXPECT_TRUE(CallValidate(grpc::CreateChannel((*server)->grpc_address(), grpc::InsecureChannelCredentials())).ok());
}

TEST(ServerTest, AnOversizedMessageIsResourceExhausted) {
  StubService service;
  const auto server = Server::Start({"127.0.0.1:0", "", {}}, {&service});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub =
      pb::TokenService::NewStub(grpc::CreateChannel((*server)->grpc_address(), grpc::InsecureChannelCredentials()));
  pb::ValidateRequest request;
  request.set_token(std::string(2 << 20, 'a'));
  grpc::ClientContext context;
  pb::ValidateResponse response;
  EXPECT_EQ(stub->Validate(&context, request, &response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(ServerTest, AUnixSocketServes) {
  testing::TempDirectory directory;
  StubService service;
  const auto server = Server::Start({"unix:" + directory.path() + "/socket", "", {}}, {&service});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_TRUE(CallValidate(grpc::CreateChannel((*server)->grpc_address(), grpc::InsecureChannelCredentials())).ok());
}

TEST(ServerTest, AnAddressInUseIsRefused) {
  StubService service;
  const auto first = Server::Start({"127.0.0.1:0", "", {}}, {&service});
  ASSERT_TRUE(first.ok());
  StubService other;
  EXPECT_EQ(Server::Start({(*first)->grpc_address(), "", {}}, {&other}).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(ServerTest, MutualTlsTakesOnlyOurClients) {
  testing::TempDirectory directory;
  const Party ca = MakeParty(directory.path(), "ca", "ca");
  const Party server_party = MakeParty(directory.path(), "ca", "server");
  const Party client = MakeParty(directory.path(), "ca", "client");
  const Party stranger_ca = MakeParty(directory.path(), "stranger_ca", "stranger_ca");
  const Party stranger = MakeParty(directory.path(), "stranger_ca", "stranger");
  StubService service;
  const auto server =
      Server::Start({"127.0.0.1:0", "", {server_party.certificate, server_party.key, ca.certificate}}, {&service});
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string& address = (*server)->grpc_address();
  EXPECT_TRUE(CallValidate(TlsChannel(address, ca.certificate, &client)).ok());
  EXPECT_EQ(CallValidate(TlsChannel(address, ca.certificate, nullptr)).error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(CallValidate(TlsChannel(address, ca.certificate, &stranger)).error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(CallValidate(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())).error_code(),
            grpc::UNAVAILABLE);
}

TEST(ServerTest, MissingTlsFilesAreRefused) {
  StubService service;
  EXPECT_EQ(
      Server::Start({"127.0.0.1:0", "", {"/nonexistent", "/nonexistent", "/nonexistent"}}, {&service}).status().code(),
      absl::StatusCode::kNotFound);
}

TEST(ServerTest, DrainRefusesNewCalls) {
  StubService service;
  const auto server = Server::Start({"127.0.0.1:0", "", {}}, {&service});
  const auto channel = grpc::CreateChannel((*server)->grpc_address(), grpc::InsecureChannelCredentials());
  ASSERT_TRUE(CallValidate(channel).ok());
  (*server)->Drain(absl::Seconds(5));
  EXPECT_EQ(CallValidate(channel).error_code(), grpc::UNAVAILABLE);
}

}  // namespace
}  // namespace tokens
