// absl::Status ⇄ grpc::Status, with details.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/status_details.h"

namespace tokens {
namespace {

TEST(GrpcStatusTest, EveryCodeAndTextSurvivesThereAndBack) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "text");
    const absl::Status back = FromGrpcStatus(ToGrpcStatus(status));
    if (absl::IsInternal(status) || absl::IsUnknown(status)) {
      EXPECT_EQ(back, absl::InternalError("internal error")) << "inner text stays inside";
    } else {
      EXPECT_EQ(back, status) << code;
    }
  }
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, AReasonCrossesTheWire) {
  const absl::Status status =
      WithReason(absl::AlreadyExistsError("used"), {"IDEMPOTENCY_KEY_USED", {{"token_id", "00ff"}}});
  const auto reason = GetReason(FromGrpcStatus(ToGrpcStatus(status)));
  ASSERT_TRUE(reason.has_value());
  EXPECT_EQ(reason->reason, "IDEMPOTENCY_KEY_USED");
  EXPECT_THAT(reason->metadata, ::testing::ElementsAre(::testing::Pair("token_id", "00ff")));
}

TEST(GrpcStatusTest, DetailsAreInGooglesForm) {
  google::rpc::Status rich;
  ASSERT_TRUE(rich.ParseFromString(ToGrpcStatus(InvalidField("did", "is empty")).error_details()));
  EXPECT_EQ(rich.code(), 3);
  ASSERT_EQ(rich.details_size(), 1);
  google::rpc::BadRequest detail;
  ASSERT_TRUE(rich.details(0).UnpackTo(&detail));
  EXPECT_EQ(detail.field_violations(0).field(), "did");
  EXPECT_EQ(detail.field_violations(0).description(), "is empty");
}

TEST(GrpcStatusTest, DetailsThatAreNoneAreDroppedAndTheCodeStays) {
  const absl::Status status = FromGrpcStatus(grpc::Status(grpc::UNAVAILABLE, "down", "\xff\xff not a message"));
  EXPECT_EQ(status, absl::UnavailableError("down"));
}

TEST(StatusDetailsTest, AReasonOfAnotherDomainIsNotOurs) {
  google::rpc::ErrorInfo detail;
  detail.set_reason("SINGLE_USE_ID_SEEN");
  detail.set_domain("googleapis.com");
  absl::Status status = absl::AlreadyExistsError("x");
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord(detail.SerializeAsString()));
  EXPECT_FALSE(GetReason(status).has_value());
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord("\xff"));
  EXPECT_FALSE(GetReason(status).has_value());
  EXPECT_FALSE(GetReason(absl::OkStatus()).has_value());
}

}  // namespace
}  // namespace tokens
