// What every server stream shares, whatever it streams.
#include "token_service/rpc_stream.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "didpic/token/v1/audit_service.grpc.pb.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/request_id.h"
#include "token_service/caller_authorizer.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;
using Body = StreamBody<pb::ExportResponse>;

// Streams what the test's body decides.
class StreamService final : public pb::AuditService::CallbackService {
 public:
  StreamService(RpcCalls& calls, WorkLane& lane) : calls_(calls), lane_(lane) {}
  void Answer(Body body) { body_ = std::move(body); }
  grpc::ServerWriteReactor<pb::ExportResponse>* Export(grpc::CallbackServerContext* context,
                                                       const pb::ExportRequest*) override {
    return RpcStream<pb::ExportResponse>::Start(calls_, lane_, context, method, body_);
  }

  const char* method = "Export";

 private:
  RpcCalls& calls_;
  WorkLane& lane_;
  Body body_;
};

class RpcStreamTest : public ::testing::Test {
 protected:
  RpcStreamTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = pb::AuditService::NewStub(server_->InProcessChannel({}));
  }
  ~RpcStreamTest() override { server_->Shutdown(); }

  // Reads to the end; how many messages came, and the status.
  std::pair<int, absl::Status> Call(absl::Duration deadline = absl::Seconds(60)) {
    grpc::ClientContext context;
    context.AddMetadata(kRequestIdHeader, "stream-1");
    context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    const auto reader = stub_->Export(&context, {});
    pb::ExportResponse message;
    int count = 0;
    while (reader->Read(&message)) ++count;
    return {count, FromGrpcStatus(reader->Finish())};
  }
  void AwaitEmptyLane() {
    while (lane_.Hold() == nullptr) {
    }
  }

  SystemClock clock_;
  const CallerAuthorizer everybody_{};
  RpcCalls calls_{1, clock_, everybody_};
  WorkLane lane_{1, 1};
  StreamService service_{calls_, lane_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::AuditService::Stub> stub_;
};

TEST_F(RpcStreamTest, MessagesComeUntilTheEndAndStepsWithoutOneAreNotSeen) {
  std::atomic<int> step{0};
  service_.Answer([&](CallNotes*, pb::ExportResponse* message) -> absl::StatusOr<StreamStep> {
    EXPECT_EQ(message->items_size(), 0) << "empty when it comes";
    const int number = step++;
    if (number == 10) return StreamStep::kEnd;
    if (number % 2 == 0) return StreamStep::kNothingYet;
    message->add_items();
    return StreamStep::kMessage;
  });
  EXPECT_EQ(Call(), (std::pair<int, absl::Status>(5, absl::OkStatus())));
  EXPECT_EQ(step, 11);
}

TEST_F(RpcStreamTest, TheBodyKnowsWhoCalls) {
  storage::Actor by;
  std::string role;
  service_.Answer([&](CallNotes* notes, pb::ExportResponse*) -> absl::StatusOr<StreamStep> {
    by = notes->by;
    role = std::string(notes->role);
    return StreamStep::kEnd;
  });
  EXPECT_TRUE(Call().second.ok());
  EXPECT_EQ(by, (storage::Actor{"plaintext", "stream-1"}));
  EXPECT_EQ(role, "auditor");
}

TEST_F(RpcStreamTest, AnErrorEndsItAndThePlaceIsFreeForTheNext) {
  service_.Answer(
      [](CallNotes*, pb::ExportResponse*) -> absl::StatusOr<StreamStep> { return absl::DataLossError("damaged"); });
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(absl::IsDataLoss(Call().second));
}

TEST_F(RpcStreamTest, AStreamThatHasNothingToSendEndsWhenItsCallerGivesUp) {
  service_.Answer(
      [](CallNotes*, pb::ExportResponse*) -> absl::StatusOr<StreamStep> { return StreamStep::kNothingYet; });
  const auto [count, status] = Call(absl::Milliseconds(50));
  EXPECT_EQ(count, 0);
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  AwaitEmptyLane();
}

TEST_F(RpcStreamTest, ADrainDoesNotWaitForACallerThatDoesNotRead) {
  service_.Answer([](CallNotes*, pb::ExportResponse* message) -> absl::StatusOr<StreamStep> {
    message->add_items();
    return StreamStep::kMessage;
  });
  grpc::ClientContext context;
  const auto reader = stub_->Export(&context, {});
  pb::ExportResponse message;
  ASSERT_TRUE(reader->Read(&message));
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(20));
  while (reader->Read(&message)) {
  }
  EXPECT_FALSE(reader->Finish().ok());
  AwaitEmptyLane();
}

TEST_F(RpcStreamTest, WithoutLeaveNoBodyRuns) {
  service_.method = "Forgotten";
  service_.Answer([](CallNotes*, pb::ExportResponse*) -> absl::StatusOr<StreamStep> {
    ADD_FAILURE() << "ran";
    return StreamStep::kEnd;
  });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(absl::IsPermissionDenied(Call().second)) << "and no place in flight is lost";
}

}  // namespace
}  // namespace tokens
