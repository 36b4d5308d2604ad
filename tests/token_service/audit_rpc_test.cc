// AuditService through a real channel and the generated stub.
#include "token_service/audit_rpc.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/memory_token_store.h"
#include "token_service/caller_authorizer.h"
#include "token_service/proto_convert.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

absl::Time At(int seconds) { return absl::FromUnixSeconds(1'700'000'000 + seconds) + absl::Microseconds(7); }

class AuditRpcTest : public ::testing::Test {
 protected:
  AuditRpcTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&rpc_);
    server_ = builder.BuildAndStart();
    stub_ = pb::AuditService::NewStub(server_->InProcessChannel({}));
  }
  ~AuditRpcTest() override { server_->Shutdown(); }

  void Append(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(
          store_
              .AppendAudit(
                  {At(i), storage::AuditAction::kRevoke, {"someone", absl::StrCat("r", i)}, kAlice, "0123", "done"})
              .ok());
    }
  }
  pb::ExportResponse Export(const pb::ExportRequest& request) {
    grpc::ClientContext context;
    pb::ExportResponse response;
    const grpc::Status status = stub_->Export(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::StatusCode CodeOf(const pb::ExportRequest& request) {
    grpc::ClientContext context;
    pb::ExportResponse response;
    return stub_->Export(&context, request, &response).error_code();
  }
  static std::vector<uint64_t> Sequences(const pb::ExportResponse& response) {
    std::vector<uint64_t> sequences;
    for (const pb::AuditRecord& record : response.records()) sequences.push_back(record.sequence());
    return sequences;
  }

  storage::MemoryTokenStore store_;
  SystemClock clock_;
  const CallerAuthorizer everybody_{};
  RpcCalls calls_{4, clock_, everybody_};
  WorkLane reads_{1, 2};
  AuditRpc rpc_{store_, calls_, reads_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::AuditService::Stub> stub_;
};

TEST_F(AuditRpcTest, RecordComesWithAllThatItsHashIsMadeOf) {
  Append(1);
  const pb::ExportResponse response = Export({});
  ASSERT_EQ(response.records_size(), 1);
  const pb::AuditRecord& record = response.records(0);
  EXPECT_EQ(record.action(), pb::AuditRecord::REVOKE);
  const storage::AuditEntry entry = {*ToTime(record.time()),
                                     static_cast<storage::AuditAction>(record.action()),
                                     {record.caller(), record.request_id()},
                                     record.did(),
                                     record.token_id(),
                                     record.outcome()};
  const storage::AuditRecord linked = storage::Link({}, entry);
  EXPECT_EQ(record.sequence(), linked.sequence);
  EXPECT_EQ(record.hash(), std::string(linked.hash.begin(), linked.hash.end()));
}

TEST_F(AuditRpcTest, EveryActionOfTheStoreHasItsNameInTheContract) {
  for (int action = 1; action <= storage::kLastAuditAction; ++action) {
    EXPECT_EQ(pb::AuditRecord::Action_Name(static_cast<pb::AuditRecord::Action>(action)),
              storage::AuditActionName(static_cast<storage::AuditAction>(action)));
  }
  EXPECT_EQ(pb::AuditRecord::Action_MAX, storage::kLastAuditAction);
}

TEST_F(AuditRpcTest, PagesFollowEachOtherToTheEnd) {
  Append(5);
  pb::ExportRequest request;
  request.set_page_size(2);
  pb::ExportResponse page = Export(request);
  EXPECT_THAT(Sequences(page), ElementsAre(1, 2));
  request.set_after_sequence(page.next_after_sequence());
  page = Export(request);
  EXPECT_THAT(Sequences(page), ElementsAre(3, 4));
  request.set_after_sequence(page.next_after_sequence());
  page = Export(request);
  EXPECT_THAT(Sequences(page), ElementsAre(5));
  EXPECT_EQ(page.next_after_sequence(), 0u);
}

TEST_F(AuditRpcTest, PeriodHoldsItsFirstInstantAndNotItsLast) {
  Append(5);
  pb::ExportRequest request;
  ToProto(At(1), request.mutable_from_time());
  ToProto(At(3), request.mutable_to_time());
  EXPECT_THAT(Sequences(Export(request)), ElementsAre(2, 3));
  request.set_page_size(1);
  const pb::ExportResponse page = Export(request);
  EXPECT_THAT(Sequences(page), IsEmpty());
  EXPECT_EQ(page.next_after_sequence(), 1u) << "none of the page is of this period, and there is more";
}

TEST_F(AuditRpcTest, AnEmptyAuditIsAnEmptyPage) {
  const pb::ExportResponse response = Export({});
  EXPECT_THAT(Sequences(response), IsEmpty());
  EXPECT_EQ(response.next_after_sequence(), 0u);
}

TEST_F(AuditRpcTest, BadFieldsAreInvalid) {
  pb::ExportRequest request;
  request.set_page_size(-1);
  EXPECT_EQ(CodeOf(request), grpc::StatusCode::INVALID_ARGUMENT);
  request = {};
  request.mutable_from_time()->set_nanos(-1);
  EXPECT_EQ(CodeOf(request), grpc::StatusCode::INVALID_ARGUMENT);
  request = {};
  request.mutable_to_time()->set_nanos(1'000'000'000);
  EXPECT_EQ(CodeOf(request), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace tokens
