#include "xrpc_shim/rate_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/fake_clock.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

class RateGateTest : public ::testing::Test {
 protected:
  // A call that, like the handlers, admits its viewer; without a viewer it fails as one who could not be authenticated.
  HttpResponse Call(const std::string& address, const std::string& did) {
    HttpRequest request;
    request.peer_address = "192.0.2.1";
    request.headers = {{"X-Real-Ip", address}};
    const XrpcHandler handler = gate_.Guard([&](const XrpcCall& call) {
      ++handled_;
      const absl::Status admitted = did.empty() ? XrpcError(XrpcErrorName::kAuthMissing) : gate_.AdmitViewer(did);
      if (!admitted.ok()) return ErrorResponse(admitted, call.http.request_id);
      HttpResponse response;
      response.status = 200;
      response.log_did = did;
      return response;
    });
    return handler(XrpcCall{request, "app.example.method", {}});
  }
  static std::string Field(const HttpResponse& response, absl::string_view name) {
    const HeaderLookup found = FindHeader(response.headers, name);
    EXPECT_LE(found.count, 1) << name;
    return std::string(found.value);
  }

  testing::FakeClock clock_;
  std::vector<RateKind> refused_;
  RateGate gate_{{{5, absl::Seconds(50)},
                  {3, absl::Seconds(60)},
                  "X-Real-Ip",
                  [this](RateKind kind) { refused_.push_back(kind); }},
                 clock_};
  int handled_ = 0;
};

TEST_F(RateGateTest, EveryAnswerTellsTheLimitThatHasLeastLeft) {
  const HttpResponse viewer = Call("198.51.100.1", "did:web:alice");
  EXPECT_EQ(viewer.status, 200);
  EXPECT_EQ(Field(viewer, "RateLimit-Policy"), "3;w=60");
  EXPECT_EQ(Field(viewer, "RateLimit-Remaining"), "2");
  EXPECT_EQ(Field(viewer, "Retry-After"), "");
  const HttpResponse nobody = Call("198.51.100.1", "");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(Field(nobody, "RateLimit-Policy"), "5;w=50");
  EXPECT_EQ(Field(nobody, "RateLimit-Remaining"), "3");
}

TEST_F(RateGateTest, AViewerIsCountedAtEveryAddress) {
  for (const char* address : {"198.51.100.1", "198.51.100.2", "198.51.100.3"}) {
    EXPECT_EQ(Call(address, "did:web:alice").status, 200);
  }
  const HttpResponse refused = Call("198.51.100.4", "did:web:alice");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(nlohmann::json::parse(refused.body).at("error"), "RateLimitExceeded");
  EXPECT_EQ(Field(refused, "RateLimit-Policy"), "3;w=60");
  EXPECT_EQ(Field(refused, "RateLimit-Remaining"), "0");
  EXPECT_EQ(Field(refused, "Retry-After"), "20");
  EXPECT_EQ(refused_, std::vector<RateKind>{RateKind::kViewer});
  EXPECT_EQ(Call("198.51.100.4", "did:web:bob").status, 200);
  clock_.Advance(absl::Seconds(21));
  EXPECT_EQ(Call("198.51.100.4", "did:web:alice").status, 200);
}

TEST_F(RateGateTest, AnAddressOverItsLimitReachesNoHandler) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Call("198.51.100.1", "").status, 401);
  const HttpResponse refused = Call("198.51.100.1", "did:web:alice");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(Field(refused, "Retry-After"), "10");
  EXPECT_EQ(refused_, std::vector<RateKind>{RateKind::kAddress});
  EXPECT_EQ(handled_, 5);
  EXPECT_EQ(Call("198.51.100.2", "did:web:alice").status, 200);
}

}  // namespace
}  // namespace tokens::xrpc
