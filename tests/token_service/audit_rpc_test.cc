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
#include "absl/synchronization/notification.h"
#include "storage/memory_token_store.h"
#include "tests/support/audit_keys.h"
#include "tests/support/faulty_audit_log.h"
#include "token_service/audit_export.h"
#include "token_service/audit_key.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/status_details.h"
#include "token_service/caller_authorizer.h"
#include "token_service/proto_convert.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAlice[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
constexpr int kFull = AuditExport::kRecordsPerMessage;
constexpr int kPlaces = 2;

absl::Time At(int seconds) { return absl::FromUnixSeconds(1'700'000'000 + seconds) + absl::Microseconds(7); }

// One call and what came of it.
struct Stream {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<pb::ExportResponse>> reader;

  // Nothing at the end.
  std::vector<pb::AuditItem> Read() {
    pb::ExportResponse message;
    if (!reader->Read(&message)) return {};
    EXPECT_NE(message.items_size(), 0) << "no message is empty";
    return {message.items().begin(), message.items().end()};
  }
  std::vector<pb::AuditItem> ReadAll() {
    std::vector<pb::AuditItem> all;
    for (std::vector<pb::AuditItem> some = Read(); !some.empty(); some = Read()) {
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  absl::Status Finish() { return FromGrpcStatus(reader->Finish()); }
};

storage::AuditHash HashOf(const std::string& bytes) {
  storage::AuditHash hash{};
  EXPECT_EQ(bytes.size(), hash.size());
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

storage::AuditRecord FromProto(const pb::AuditRecord& record) {
  const storage::AuditEntry entry = {*ToTime(record.time()),
                                     static_cast<storage::AuditAction>(record.action()),
                                     {record.caller(), record.request_id()},
                                     record.did(),
                                     record.token_id(),
                                     record.outcome()};
  return {record.sequence(), entry, HashOf(record.hash())};
}

storage::AuditCheckpoint FromProto(const pb::AuditCheckpoint& message) {
  storage::AuditCheckpoint checkpoint = {
      {message.sequence(), HashOf(message.hash())}, *ToTime(message.time()), message.key_id(), {}};
  EXPECT_EQ(message.signature().size(), checkpoint.signature.size());
  std::copy_n(message.signature().begin(), checkpoint.signature.size(), checkpoint.signature.begin());
  return checkpoint;
}

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
      const storage::AuditEntry entry = {
          At(i), storage::AuditAction::kRevoke, {"someone", absl::StrCat("r", i)}, kAlice, "0123", "revoked"};
      ASSERT_TRUE(memory_.AppendAudit(entry).ok());
    }
  }
  void Sign() {
    const auto checkpoint = AuditKey::Parse(testing::kAuditKeyPem)->Sign(memory_.ReadAuditHead().value(), At(0));
    ASSERT_TRUE(memory_.WriteCheckpoint(*checkpoint).ok());
  }
  std::unique_ptr<Stream> Start(const pb::ExportRequest& request = {}, absl::Duration deadline = absl::Seconds(60)) {
    auto stream = std::make_unique<Stream>();
    stream->context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    stream->reader = stub_->Export(&stream->context, request);
    return stream;
  }
  std::vector<pb::AuditItem> Export(const pb::ExportRequest& request = {}) {
    const auto stream = Start(request);
    std::vector<pb::AuditItem> items = stream->ReadAll();
    const absl::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status;
    return items;
  }
  absl::Status StatusOf(const pb::ExportRequest& request) {
    const auto stream = Start(request);
    EXPECT_THAT(stream->ReadAll(), IsEmpty());
    return stream->Finish();
  }
  static std::vector<uint64_t> Sequences(const std::vector<pb::AuditItem>& items) {
    std::vector<uint64_t> sequences;
    for (const pb::AuditItem& item : items) {
      if (item.has_record()) sequences.push_back(item.record().sequence());
    }
    return sequences;
  }
  // Returns when `pieces` pieces of work have gone through the one thread of the lane.
  void PassThroughLane(int pieces) {
    for (int i = 0; i < pieces; ++i) {
      absl::Notification done;
      while (!exports_.Submit([&] { done.Notify(); })) {
      }
      done.WaitForNotification();
    }
  }
  // Returns when no export holds a place.
  void AwaitEmptyLane() {
    std::vector<std::unique_ptr<WorkLane::Place>> places;
    while (places.size() < kPlaces) {
      if (auto place = exports_.Hold()) places.push_back(std::move(place));
    }
  }

  storage::MemoryTokenStore memory_;
  testing::FaultyAuditLog audit_{memory_};
  SystemClock clock_;
  const CallerAuthorizer everybody_{};
  RpcCalls calls_{4, clock_, everybody_};
  WorkLane exports_{1, kPlaces};
  AuditRpc rpc_{audit_, calls_, exports_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<pb::AuditService::Stub> stub_;
};

TEST_F(AuditRpcTest, RecordComesWithAllThatItsHashIsMadeOf) {
  Append(2);
  const auto items = Export();
  ASSERT_EQ(items.size(), 2u);
  storage::AuditHead head;
  for (const pb::AuditItem& item : items) {
    EXPECT_EQ(item.record().action(), pb::AuditRecord::REVOKE);
    EXPECT_EQ(HashOf(item.record().previous_hash()), head.hash);
    const storage::AuditRecord record = FromProto(item.record());
    EXPECT_EQ(record, storage::Link(head, record.entry));
    head = HeadAfter(record);
  }
}

TEST_F(AuditRpcTest, EveryActionOfTheStoreHasItsNameInTheContract) {
  for (int action = 1; action <= storage::kLastAuditAction; ++action) {
    EXPECT_EQ(pb::AuditRecord::Action_Name(static_cast<pb::AuditRecord::Action>(action)),
              storage::AuditActionName(static_cast<storage::AuditAction>(action)));
  }
  EXPECT_EQ(pb::AuditRecord::Action_MAX, storage::kLastAuditAction);
}

TEST_F(AuditRpcTest, ThousandsOfRecordsComeInOrderAndProveThemselves) {
  Append(kFull);
  Sign();
  Append(kFull + 1);
  Sign();
  Append(3000);
  Sign();
  Append(5);
  const AuditPublicKey key = AuditPublicKey::Parse(testing::kAuditPublicKeyPem).value();
  storage::AuditHead head;
  std::vector<uint64_t> signed_at;
  const auto stream = Start();
  for (auto items = stream->Read(); !items.empty(); items = stream->Read()) {
    EXPECT_LE(items.size(), 2u * kFull);
    for (const pb::AuditItem& item : items) {
      if (item.has_record()) {
        const storage::AuditRecord record = FromProto(item.record());
        ASSERT_EQ(CheckLink(head, record), absl::OkStatus());
        head = HeadAfter(record);
        continue;
      }
      ASSERT_TRUE(item.has_checkpoint());
      const storage::AuditCheckpoint checkpoint = FromProto(item.checkpoint());
      EXPECT_EQ(checkpoint.head, head) << "directly after its record";
      EXPECT_TRUE(key.Signed(checkpoint));
      signed_at.push_back(head.sequence);
    }
  }
  EXPECT_EQ(stream->Finish(), absl::OkStatus());
  EXPECT_EQ(head, memory_.ReadAuditHead().value());
  EXPECT_THAT(signed_at, ElementsAre(kFull, 2 * kFull + 1, 2 * kFull + 3001));
}

TEST_F(AuditRpcTest, BeginsAfterTheRecordGivenAndStillLinksToIt) {
  Append(5);
  pb::ExportRequest request;
  request.set_after_sequence(3);
  const auto items = Export(request);
  EXPECT_THAT(Sequences(items), ElementsAre(4, 5));
  EXPECT_EQ(HashOf(items.front().record().previous_hash()), memory_.ReadAuditHeadAt(3)->hash);
  for (const uint64_t after : {uint64_t{5}, UINT64_MAX}) {
    request.set_after_sequence(after);
    EXPECT_THAT(Export(request), IsEmpty());
  }
}

TEST_F(AuditRpcTest, PeriodHoldsItsFirstInstantAndNotItsLastAndOnlyItsOwnCheckpoints) {
  Append(2);
  Sign();
  Append(5);
  Sign();
  pb::ExportRequest request;
  ToProto(At(1), request.mutable_from_time());
  ToProto(At(3), request.mutable_to_time());
  const auto items = Export(request);
  EXPECT_THAT(Sequences(items), ElementsAre(2, 4, 5));
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(items[1].checkpoint().sequence(), 2u);
  EXPECT_EQ(HashOf(items[2].record().previous_hash()), memory_.ReadAuditHeadAt(3)->hash);
}

TEST_F(AuditRpcTest, APeriodFarFromTheBeginningIsFound) {
  Append(3 * kFull);
  pb::ExportRequest request;
  ToProto(At(3 * kFull - 1), request.mutable_from_time());
  EXPECT_THAT(Sequences(Export(request)), ElementsAre(3 * kFull));
  ToProto(At(3 * kFull), request.mutable_from_time());
  EXPECT_THAT(Export(request), IsEmpty());
}

TEST_F(AuditRpcTest, AnEmptyAuditIsAStreamWithoutMessages) { EXPECT_THAT(Export(), IsEmpty()); }

TEST_F(AuditRpcTest, EndsWhereTheAuditEndedWhenItBegan) {
  Append(4 * kFull + 2);
  const auto stream = Start();
  EXPECT_EQ(stream->Read().size(), static_cast<size_t>(kFull));
  Append(2 * kFull);  // Long before the last of them was looked at.
  Sign();
  const std::vector<pb::AuditItem> rest = stream->ReadAll();
  EXPECT_EQ(rest.size(), static_cast<size_t>(3 * kFull + 2));
  EXPECT_EQ(Sequences(rest).back(), 4u * kFull + 2);
  EXPECT_EQ(stream->Finish(), absl::OkStatus());
}

TEST_F(AuditRpcTest, TheStoreIsReadNoFasterThanTheCallerReads) {
  Append(20 * kFull);
  const auto stream = Start();
  EXPECT_EQ(stream->Read().size(), static_cast<size_t>(kFull));
  PassThroughLane(50);
  EXPECT_LE(audit_.reads(), 3) << "one message is under way";
  EXPECT_EQ(stream->ReadAll().size(), static_cast<size_t>(19 * kFull));
  EXPECT_EQ(stream->Finish(), absl::OkStatus());
}

TEST_F(AuditRpcTest, ACallerThatGivesUpEndsItAndFreesItsPlace) {
  Append(20 * kFull);
  const auto cancelled = Start();
  EXPECT_FALSE(cancelled->Read().empty());
  cancelled->context.TryCancel();
  cancelled->ReadAll();
  EXPECT_TRUE(absl::IsCancelled(cancelled->Finish()));
  const auto late = Start({}, absl::Milliseconds(50));
  const absl::Status status = late->Finish();  // Reads nothing.
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  AwaitEmptyLane();
  EXPECT_EQ(Export().size(), static_cast<size_t>(20 * kFull));
}

TEST_F(AuditRpcTest, OneExportTooManyIsRefused) {
  Append(20 * kFull);
  std::vector<std::unique_ptr<Stream>> open;
  for (int i = 0; i < kPlaces; ++i) {
    open.push_back(Start());
    EXPECT_FALSE(open.back()->Read().empty());
  }
  const absl::Status refused = StatusOf({});
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(GetReason(refused)->reason, "TOO_MANY_REQUESTS");
  open.front()->context.TryCancel();
  open.erase(open.begin());
  EXPECT_FALSE(open.front()->ReadAll().empty()) << "the other is not disturbed";
}

TEST_F(AuditRpcTest, CountsAsInFlightToItsEnd) {
  WorkLane roomy(1, 10);
  RpcCalls one(1, clock_, everybody_);
  AuditRpc rpc(audit_, one, roomy);
  grpc::ServerBuilder builder;
  builder.RegisterService(&rpc);
  const auto server = builder.BuildAndStart();
  stub_ = pb::AuditService::NewStub(server->InProcessChannel({}));
  Append(20 * kFull);
  {
    const auto stream = Start();
    EXPECT_FALSE(stream->Read().empty());
    EXPECT_TRUE(absl::IsResourceExhausted(StatusOf({})));
    EXPECT_FALSE(stream->ReadAll().empty());
    EXPECT_EQ(stream->Finish(), absl::OkStatus());
  }
  EXPECT_EQ(Export().size(), static_cast<size_t>(20 * kFull));
  server->Shutdown();
}

TEST_F(AuditRpcTest, AFaultOfTheStoreEndsItAndIsNoEndOfTheAudit) {
  for (const auto& fault : {absl::UnavailableError("disk"), absl::DataLossError("damaged")}) {
    audit_.FailReads(fault);
    EXPECT_EQ(StatusOf({}).code(), fault.code());
  }
  audit_.FailReads(absl::OkStatus());
  Append(20 * kFull);
  const auto stream = Start();
  EXPECT_FALSE(stream->Read().empty());
  audit_.FailReads(absl::DataLossError("damaged"));
  EXPECT_LT(stream->ReadAll().size(), static_cast<size_t>(19 * kFull));
  EXPECT_TRUE(absl::IsDataLoss(stream->Finish()));
}

TEST_F(AuditRpcTest, BadFieldsAreInvalid) {
  pb::ExportRequest request;
  request.mutable_from_time()->set_nanos(-1);
  EXPECT_TRUE(absl::IsInvalidArgument(StatusOf(request)));
  request = {};
  request.mutable_to_time()->set_nanos(1'000'000'000);
  EXPECT_TRUE(absl::IsInvalidArgument(StatusOf(request)));
}

}  // namespace
}  // namespace tokens
