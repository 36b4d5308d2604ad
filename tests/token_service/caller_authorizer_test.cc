// Who may call what: real certificates, real TLS, the listener and the RPC faces as main composes them.
#include "token_service/caller_authorizer.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "didpic/token/v1/policy.pb.h"
#include "didpic/token/v1/session_service.grpc.pb.h"
#include "storage/memory_token_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/metric_reader.h"
#include "tests/support/mutual_tls.h"
#include "tests/support/no_sessions.h"
#include "tests/support/policy_fixture.h"
#include "tests/support/proto_methods.h"
#include "token_service/admin_rpc.h"
#include "token_service/audit_rpc.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/random.h"
#include "token_service/base/status_details.h"
#include "token_service/diagnosis_rpc.h"
#include "token_service/rpc_access.h"
#include "token_service/server.h"
#include "token_service/token_rpc.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;
using testing::MutualTls;
using testing::TlsIdentity;

constexpr char kValidate[] = "/didpic.token.v1.TokenService/Validate";
constexpr char kReflection[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// Who may call what, once more: this list is the oracle for the one in rpc_access.cc.
const std::map<std::string, std::set<std::string>>& Expected() {
  static const auto* expected = new std::map<std::string, std::set<std::string>>{
      {"Mint", {"MINTER"}},
      {"Validate", {"VALIDATOR"}},
      {"BatchValidate", {"VALIDATOR"}},
      {"Revoke", {"REVOKER"}},
      {"ListTokens", {"AUDITOR", "MINTER"}},
      {"SpendSingleUseId", {"MINTER"}},
      {"CreateSession", {"SESSION_ISSUER"}},
      {"RefreshSession", {"SESSION_ISSUER", "MINTER"}},
      {"GetSession", {"SESSION_ISSUER", "MINTER", "VALIDATOR"}},
      {"DeleteSession", {"SESSION_ISSUER", "MINTER"}},
      {"ListSigningKeys", {"SESSION_ISSUER", "MINTER", "VALIDATOR"}},
      {"SetAccountStatus", {}},
      {"GetAccount", {"AUDITOR"}},
      {"DescribeClient", {}},
      {"DiscoverServer", {}},
      {"CreateBackup", {}},
      {"GetStats", {"AUDITOR"}},
      {"Export", {"AUDITOR"}},
  };
  return *expected;
}

std::vector<std::string> RoleNames() {
  std::vector<std::string> names;
  for (int value = 1; value < pb::Caller::Role_ARRAYSIZE; ++value) {
    names.push_back(pb::Caller::Role_Name(static_cast<pb::Caller::Role>(value)));
  }
  return names;
}

std::string SpiffeOf(const std::string& role) {
  return absl::StrCat("spiffe://example.org/", absl::AsciiStrToLower(role));
}

// One caller for each role.
std::string PolicyWithAllRoles() {
  std::string text = testing::kPolicy;
  for (const std::string& role : RoleNames()) {
    absl::StrAppend(&text, "\ncallers { san: \"", SpiffeOf(role), "\" roles: ", role, " }");
  }
  return text;
}

// Any RPC with an empty request.
absl::Status Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const grpc::ByteBuffer empty(nullptr, 0);
  grpc::ByteBuffer reply;
  std::promise<absl::Status> done;
  stub.UnaryCall(&context, path, {}, &empty, &reply,
                 [&done](const grpc::Status& status) { done.set_value(FromGrpcStatus(status)); });
  return done.get_future().get();
}

std::string ReasonOf(const absl::Status& status) {
  const auto reason = GetReason(status);
  return reason.has_value() ? reason->reason : "";
}

class CallerAuthorizerTest : public ::testing::Test {
 protected:
  CallerAuthorizerTest() {
    tls_.WriteCrl(tls_.authority().Revoke({}, absl::Now() + absl::Hours(1)));
    WritePolicy(PolicyWithAllRoles());
    revocations_ = *RevocationFile::Open(tls_.crl_path(), tls_.server_files().peer_ca, clock_);
    authorizer_ = std::make_unique<CallerAuthorizer>(CallerSources{policy_.file(), *revocations_, clock_});
    Start();
  }

  void Start() {
    calls_ = std::make_unique<RpcCalls>(100, clock_, *authorizer_, RpcMetrics(), [this](const RefusedCall& call) {
      MutexLock lock(refused_mutex_);
      refused_.push_back(call);
    });
    token_rpc_ =
        std::make_unique<TokenRpc>(TokenRules{issuer_, verifier_, revoker_, lister_, no_sessions_.verifier, spender_},
                                   *calls_, lane_, lane_, clock_);
    diagnosis_ = std::make_unique<DiagnosisRpc>(nullptr, nullptr, *calls_, lane_);
    backup_rpc_ = std::make_unique<BackupRpc>(no_backups_, *calls_, lane_);
    stats_ = std::make_unique<StatsRpc>(metrics_, store_, *calls_, lane_);
    admin_rpc_ = std::make_unique<AdminRpc>(accounts_, *diagnosis_, *backup_rpc_, *stats_, *calls_, lane_);
    audit_rpc_ = std::make_unique<AuditRpc>(store_, *calls_, lane_);
    ListenOptions options;
    options.grpc_listen = "127.0.0.1:0";
    options.tls = tls_.server_files();
    options.check_certificate = [this](absl::string_view pem) { return authorizer_->CheckCertificate(pem); };
    auto server = Server::Start(options, {token_rpc_.get(), admin_rpc_.get(), audit_rpc_.get()});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  void WritePolicy(const std::string& text) {
    policy_.WritePolicy(text);
    ASSERT_TRUE(policy_.file().Reload([](const absl::Status&) { return absl::OkStatus(); }).ok());
  }
  std::shared_ptr<grpc::Channel> Connect(const TlsIdentity* client) {
    return tls_.Connect(server_->grpc_address(), client);
  }
  absl::Status CallAs(const TlsIdentity* client, const std::string& path) { return Call(Connect(client), path); }

  std::vector<RefusedCall> Refused() {
    MutexLock lock(refused_mutex_);
    return refused_;
  }

  Mutex refused_mutex_;
  std::vector<RefusedCall> refused_ ABSL_GUARDED_BY(refused_mutex_);
  testing::FakeClock clock_{absl::Now()};
  SystemRandom random_;
  storage::MemoryTokenStore store_;
  testing::PolicyFixture policy_;
  MutualTls tls_;
  TokenIssuer issuer_{store_, policy_.file(), clock_, random_};
  UseRecorder uses_{store_};
  TokenVerifier verifier_{store_, policy_.file(), clock_, uses_};
  TokenRevoker revoker_{store_, clock_};
  TokenLister lister_{store_, clock_};
  ProofSpender spender_{store_, clock_};
  AccountRegister accounts_{store_, clock_};
  testing::NoSessions no_sessions_{store_, policy_.file(), clock_};
  std::unique_ptr<RevocationFile> revocations_;
  std::unique_ptr<CallerAuthorizer> authorizer_;
  std::unique_ptr<RpcCalls> calls_;
  WorkLane lane_{2, 50};
  std::unique_ptr<TokenRpc> token_rpc_;
  std::unique_ptr<DiagnosisRpc> diagnosis_;
  BackupMaker no_backups_{nullptr, clock_, {}};
  std::unique_ptr<BackupRpc> backup_rpc_;
  ServiceMetrics metrics_{absl::Now(), ""};
  std::unique_ptr<StatsRpc> stats_;
  std::unique_ptr<AdminRpc> admin_rpc_;
  std::unique_ptr<AuditRpc> audit_rpc_;
  std::unique_ptr<Server> server_;
};

TEST(RpcAccessTest, EveryRpcOfTheContractHasOneRow) {
  std::map<std::string, std::string> services;
  for (const RpcAccess& row : RpcAccessTable()) {
    EXPECT_TRUE(services.emplace(row.method, row.service).second) << row.method << " has two rows";
  }
  for (const testing::ProtoMethod& rpc : testing::ProtoMethods(PROTO_ROOT)) {
    EXPECT_EQ(services[rpc.method], rpc.service) << rpc.path() << " needs a row in rpc_access.cc";
    EXPECT_EQ(Expected().count(rpc.method), 1u) << rpc.path() << " needs a row in this test";
    services.erase(rpc.method);
  }
  for (const auto& [method, service] : services) ADD_FAILURE() << service << "/" << method << " is no RPC";
}

TEST(RpcAccessTest, EveryRoleMayCallWhatTheListSaysAndAnAdminAll) {
  for (const auto& [method, allowed] : Expected()) {
    const RpcAccess* access = FindRpcAccess(method);
    ASSERT_NE(access, nullptr) << method;
    for (const CallerRole role : kCallerRoles) {
      const bool is_allowed =
          role == CallerRole::kAdmin || allowed.count(absl::AsciiStrToUpper(CallerRoleName(role))) != 0;
      EXPECT_EQ(GrantingRole(*access, {role}).has_value(), is_allowed) << method << " as " << CallerRoleName(role);
    }
    EXPECT_FALSE(GrantingRole(*access, {}).has_value()) << method;
  }
}

// Those whose refusals are audited, once more.
const std::set<std::string>& AdminCalls() {
  static const auto* calls = new std::set<std::string>{
      "SetAccountStatus", "GetAccount", "DescribeClient", "DiscoverServer", "CreateBackup", "GetStats", "Export"};
  return *calls;
}

TEST(RpcAccessTest, AdminCallsAreThoseOfOperatorsAndAuditors) {
  for (const RpcAccess& row : RpcAccessTable()) {
    EXPECT_EQ(IsAdminCall(row), AdminCalls().count(std::string(row.method)) != 0) << row.method;
  }
  EXPECT_TRUE(IsAdminCall({"some.Service", "Drop", {CallerRole::kAdmin}}));
  EXPECT_FALSE(IsAdminCall({"some.Service", "Look", {CallerRole::kAdmin, CallerRole::kMinter}}));
}

TEST_F(CallerAuthorizerTest, EveryRefusedAdminCallIsNotedAndNoOther) {
  for (const std::string& role : RoleNames()) {
    const TlsIdentity client = tls_.Client(absl::StrCat("URI:", SpiffeOf(role)));
    const auto channel = Connect(&client);
    for (const testing::ProtoMethod& rpc : testing::ProtoMethods(PROTO_ROOT)) {
      const size_t before = Refused().size();
      const absl::Status status = Call(channel, rpc.path());
      const bool is_noted = absl::IsPermissionDenied(status) && AdminCalls().count(rpc.method) != 0;
      const auto refused = Refused();
      ASSERT_EQ(refused.size(), before + (is_noted ? 1 : 0)) << rpc.path() << " as " << role << ": " << status;
      if (!is_noted) continue;
      EXPECT_EQ(refused.back().caller, SpiffeOf(role));
      EXPECT_EQ(refused.back().method, rpc.method);
      EXPECT_EQ(refused.back().reason, "ROLE_MISSING");
      EXPECT_NE(refused.back().request_id, "");
      EXPECT_EQ(refused.back().time, clock_.Now());
    }
  }
  EXPECT_GE(Refused().size(), 20u);
}

TEST_F(CallerAuthorizerTest, ACertificateThatHoldsNoLongerIsNotedByItsName) {
  const TlsIdentity client = tls_.Client("URI:spiffe://example.org/admin");
  const auto open = Connect(&client);
  ASSERT_FALSE(absl::IsPermissionDenied(Call(open, "/didpic.token.v1.AdminService/GetAccount")));
  clock_.Advance(absl::Hours(13));
  ASSERT_TRUE(absl::IsUnauthenticated(Call(open, "/didpic.token.v1.AdminService/GetAccount")));
  ASSERT_EQ(Refused().size(), 1u);
  EXPECT_EQ(Refused().front().caller, "spiffe://example.org/admin");
  EXPECT_EQ(Refused().front().reason, "CERTIFICATE_EXPIRED");
}

TEST_F(CallerAuthorizerTest, EveryServedRpcOverTlsObeysTheList) {
  for (const std::string& role : RoleNames()) {
    const TlsIdentity client = tls_.Client(absl::StrCat("URI:", SpiffeOf(role)));
    const auto channel = Connect(&client);
    int served = 0;
    for (const testing::ProtoMethod& rpc : testing::ProtoMethods(PROTO_ROOT)) {
      const absl::Status status = Call(channel, rpc.path());
      if (absl::IsUnimplemented(status)) continue;  // a service that is not registered here
      ++served;
      ASSERT_FALSE(absl::IsUnavailable(status)) << status;
      const bool is_allowed = role == "ADMIN" || Expected().at(rpc.method).count(role) != 0;
      EXPECT_EQ(absl::IsPermissionDenied(status), !is_allowed) << rpc.path() << " as " << role << ": " << status;
      EXPECT_EQ(ReasonOf(status) == "ROLE_MISSING", !is_allowed) << rpc.path() << " as " << role;
    }
    EXPECT_GE(served, 7);
  }
}

struct Stranger {
  const char* name;
  std::function<TlsIdentity(const MutualTls&)> make;
  absl::StatusCode code;
  const char* reason;
};

TEST_F(CallerAuthorizerTest, WhoIsNotACallerIsRefused) {
  const std::string validator = absl::StrCat("URI:", SpiffeOf("validator"));
  const auto later = absl::Now() + absl::Hours(1);
  const Stranger strangers[] = {
      {"unknown name", [&](const MutualTls& tls) { return tls.Client("URI:spiffe://example.org/other,DNS:other"); },
       absl::StatusCode::kPermissionDenied, "UNKNOWN_CALLER"},
      {"longer name", [&](const MutualTls& tls) { return tls.Client(validator + "/x"); },
       absl::StatusCode::kPermissionDenied, "UNKNOWN_CALLER"},
      {"no name but a common name",
       [&](const MutualTls& tls) { return tls.authority().IssueTo(SpiffeOf("validator"), "", later); },
       absl::StatusCode::kPermissionDenied, "UNKNOWN_CALLER"},
      {"a URI in the place of a DNS name",
       [&](const MutualTls& tls) { return tls.Client("DNS:" + SpiffeOf("validator")); },
       absl::StatusCode::kPermissionDenied, "UNKNOWN_CALLER"},
      {"expired",
       [&](const MutualTls& tls) { return tls.authority().IssueTo("c", validator, absl::Now() - absl::Hours(1)); },
       absl::StatusCode::kUnavailable, ""},
      {"another authority of the same name",
       [&](const MutualTls&) { return testing::TestAuthority().IssueTo("c", validator, later); },
       absl::StatusCode::kUnavailable, ""},
  };
  for (const Stranger& stranger : strangers) {
    const TlsIdentity client = stranger.make(tls_);
    const absl::Status status = CallAs(&client, kValidate);
    EXPECT_EQ(status.code(), stranger.code) << stranger.name << ": " << status;
    EXPECT_EQ(ReasonOf(status), stranger.reason) << stranger.name;
  }
  EXPECT_TRUE(absl::IsUnavailable(CallAs(nullptr, kValidate))) << "no certificate";
}

TEST_F(CallerAuthorizerTest, TheFirstListedNameCountsAndOnlyThat) {
  const TlsIdentity client = tls_.Client(
      "DNS:other,URI:spiffe://example.org/x,URI:spiffe://example.org/minter,"
      "URI:spiffe://example.org/validator");
  EXPECT_EQ(ReasonOf(CallAs(&client, kValidate)), "ROLE_MISSING");
  EXPECT_EQ(CallAs(&client, "/didpic.token.v1.TokenService/Mint").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CallerAuthorizerTest, ADnsNameIsACallerInWhateverCase) {
  WritePolicy(absl::StrCat(testing::kPolicy, "callers { san: \"app.example.org\" roles: VALIDATOR }"));
  const TlsIdentity client = tls_.Client("DNS:App.Example.ORG");
  EXPECT_TRUE(CallAs(&client, kValidate).ok());
}

TEST_F(CallerAuthorizerTest, ARevokedCertificateIsRefusedAtOnceOnAnOpenConnectionAndMakesNoNewOne) {
  const TlsIdentity client = tls_.Client("URI:spiffe://example.org/validator");
  const TlsIdentity other = tls_.Client("URI:spiffe://example.org/validator");
  const auto open = Connect(&client);
  ASSERT_TRUE(Call(open, kValidate).ok());
  tls_.WriteCrl(tls_.authority().Revoke({&client}, absl::Now() + absl::Hours(1)));
  ASSERT_TRUE(revocations_->Reload().ok());
  const absl::Status status = Call(open, kValidate);
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_EQ(ReasonOf(status), "CERTIFICATE_REVOKED");
  EXPECT_TRUE(absl::IsUnavailable(CallAs(&client, kValidate)));
  EXPECT_TRUE(absl::IsUnavailable(CallAs(&client, kReflection)));
  EXPECT_TRUE(CallAs(&other, kValidate).ok());
}

TEST_F(CallerAuthorizerTest, AnOpenConnectionDoesNotOutliveItsCertificate) {
  const TlsIdentity client = tls_.Client("URI:spiffe://example.org/validator");
  const auto open = Connect(&client);
  ASSERT_TRUE(Call(open, kValidate).ok());
  clock_.Advance(absl::Hours(13));
  EXPECT_EQ(ReasonOf(Call(open, kValidate)), "CERTIFICATE_EXPIRED");
}

TEST_F(CallerAuthorizerTest, APolicyThatTakesARoleAwayActsOnAnOpenConnection) {
  const TlsIdentity client = tls_.Client("URI:spiffe://example.org/validator");
  const auto open = Connect(&client);
  ASSERT_TRUE(Call(open, kValidate).ok());
  WritePolicy(absl::StrCat(testing::kPolicy, "callers { san: \"spiffe://example.org/validator\" roles: MINTER }"));
  EXPECT_EQ(ReasonOf(Call(open, kValidate)), "ROLE_MISSING");
  WritePolicy(testing::kPolicy);
  EXPECT_EQ(ReasonOf(Call(open, kValidate)), "UNKNOWN_CALLER");
}

TEST_F(CallerAuthorizerTest, HealthIsOpenToEveryCertificate) {
  const TlsIdentity client = tls_.Client("DNS:unheard.of");
  EXPECT_TRUE(CallAs(&client, "/grpc.health.v1.Health/Check").ok());
  EXPECT_TRUE(absl::IsUnavailable(CallAs(nullptr, "/grpc.health.v1.Health/Check")));
}

// A service of ours whose RPC nobody has put into the table.
class ForgottenService final : public pb::SessionService::CallbackService {
 public:
  explicit ForgottenService(RpcCalls& calls) : calls_(calls) {}
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* context, const pb::GetSessionRequest*,
                                       pb::GetSessionResponse*) override {
    return calls_.RunInline(context, "Forgotten", [](CallNotes*) { return absl::OkStatus(); });
  }

 private:
  RpcCalls& calls_;
};

TEST_F(CallerAuthorizerTest, AnRpcWithoutARowIsRefusedToEverybody) {
  const CallerAuthorizer plaintext{};
  prometheus::Registry registry;
  RpcCalls calls(10, clock_, plaintext, RpcMetrics(registry));
  ForgottenService service(calls);
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const absl::Status status = Call(server->InProcessChannel({}), "/didpic.token.v1.SessionService/GetSession");
  EXPECT_EQ(ReasonOf(status), "NO_ROLE_FOR_METHOD") << status;
  const std::map<std::string, std::string> labels = {
      {"method", "other"}, {"code", "PERMISSION_DENIED"}, {"role", "none"}};
  EXPECT_EQ(testing::ReadMetric(registry, "didpic_rpc_requests_total", labels), 1);
  server->Shutdown();
}

// Runs one RPC and keeps what it was told of its caller.
class NotingService final : public pb::TokenService::CallbackService {
 public:
  explicit NotingService(RpcCalls& calls) : calls_(calls) {}
  grpc::ServerUnaryReactor* Validate(grpc::CallbackServerContext* context, const pb::ValidateRequest*,
                                     pb::ValidateResponse*) override {
    return calls_.RunInline(context, "Validate", [this](CallNotes* notes) {
      by = notes->by;
      role = std::string(notes->role);
      return absl::OkStatus();
    });
  }
  storage::Actor by;
  std::string role;

 private:
  RpcCalls& calls_;
};

TEST_F(CallerAuthorizerTest, TheBodyOfACallKnowsItsCallerAndRole) {
  NotingService service(*calls_);
  ListenOptions options;
  options.grpc_listen = "127.0.0.1:0";
  options.tls = tls_.server_files();
  const auto server = Server::Start(options, {&service});
  ASSERT_TRUE(server.ok()) << server.status();
  const TlsIdentity client = tls_.Client("URI:spiffe://example.org/admin");
  ASSERT_TRUE(Call(tls_.Connect((*server)->grpc_address(), &client), kValidate).ok());
  EXPECT_EQ(service.by.caller, "spiffe://example.org/admin");
  EXPECT_EQ(service.role, "admin");
}

TEST_F(CallerAuthorizerTest, WithoutTlsEverybodyHasTheRoleThatIsAskedFor) {
  const CallerAuthorizer plaintext{};
  RpcCalls calls(10, clock_, plaintext);
  NotingService service(calls);
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  ASSERT_TRUE(Call(server->InProcessChannel({}), kValidate).ok());
  EXPECT_EQ(service.by.caller, "plaintext");
  EXPECT_EQ(service.role, "validator");
  server->Shutdown();
}

}  // namespace
}  // namespace tokens
