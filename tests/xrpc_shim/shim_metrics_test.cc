// What is counted of the shim, through a real HTTP server.
#include "xrpc_shim/shim_metrics.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/metric_reader.h"
#include "tests/support/raw_http_client.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

constexpr char kMint[] = "app.didpic.identity.mintWidgetToken";

class ShimMetricsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.workers = 2;
    auto server = HttpServer::Start(metrics_.Observed(options), [](const HttpRequest& request) {
      return absl::StrContains(request.path, "mint")
                 ? ErrorResponse(XrpcError(XrpcErrorName::kRateLimitExceeded), request.request_id)
                 : ErrorResponse(XrpcError(XrpcErrorName::kMethodNotImplemented), request.request_id);
    });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // The answer's status to a request for `path`.
  int Ask(const std::string& path) {
    testing::RawHttpClient client(server_->port());
    client.Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto response = client.Read();
    return response.has_value() ? response->status : 0;
  }
  std::optional<double> Read(const std::string& name, const std::map<std::string, std::string>& labels) {
    return testing::ReadMetric(metrics_.program().registry(), name, labels);
  }
  std::optional<double> Requests(const std::string& method, const std::string& status) {
    return Read("didpic_shim_http_requests_total", {{"method", method}, {"status", status}});
  }

  ShimMetrics metrics_{absl::UnixEpoch(), ""};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(ShimMetricsTest, RequestsAreCountedByMethodAndStatus) {
  EXPECT_EQ(Requests(kMint, "200"), 0) << "there before the first";
  EXPECT_EQ(Ask(absl::StrCat("/xrpc/", kMint)), 429);
  EXPECT_EQ(Ask("/xrpc/App.Didpic.identity.mintWidgetToken/"), 429);
  EXPECT_EQ(Requests(kMint, "429"), 2);
  EXPECT_EQ(Requests(kMint, "200"), 0);
  EXPECT_EQ(Read("didpic_shim_http_duration_seconds", {{"method", kMint}}), 2);
}

TEST_F(ShimMetricsTest, WhateverElseIsAskedForIsOther) {
  for (const char* path : {"/", "/xrpc/_health", "/xrpc/app.example.feed.getTimeline", "/xrpc/did:plc:alice",
                           "/app.didpic.identity.mintwidgettoken", "/xrpc/app.didpic.identity.mintwidgettoken"}) {
    EXPECT_NE(Ask(path), 0) << path;
  }
  EXPECT_EQ(Read("didpic_shim_http_duration_seconds", {{"method", "other"}}), 6);
  testing::RawHttpClient client(server_->port());
  client.Send("nonsense\r\n\r\n");  // which is answered, and counted, without a handler
  ASSERT_TRUE(client.Read().has_value());
  EXPECT_EQ(Requests("other", "400"), 1);
}

TEST_F(ShimMetricsTest, OutcomesAndKindsAreCountedUnderTheirNames) {
  const auto resolved = metrics_.Observed(DidResolverOptions()).resolved;
  int number = 0;
  for (const auto& [outcome, name] :
       {std::pair{DidOutcome::kFresh, "fresh"}, std::pair{DidOutcome::kStale, "stale"},
        std::pair{DidOutcome::kFetched, "fetched"}, std::pair{DidOutcome::kAbsent, "absent"},
        std::pair{DidOutcome::kFailed, "failed"}}) {
    EXPECT_EQ(Read("didpic_shim_did_resolutions_total", {{"outcome", name}}), 0);
    for (int i = 0; i <= number; ++i) resolved(outcome);
    EXPECT_EQ(Read("didpic_shim_did_resolutions_total", {{"outcome", name}}), ++number);
  }
  const auto refused = metrics_.Observed(RateGateOptions{{1, absl::Seconds(1)}, {1, absl::Seconds(1)}, ""}).refused;
  refused(RateKind::kViewer);
  refused(RateKind::kViewer);
  refused(RateKind::kAddress);
  EXPECT_EQ(Read("didpic_shim_rate_limited_total", {{"kind", "viewer"}}), 2);
  EXPECT_EQ(Read("didpic_shim_rate_limited_total", {{"kind", "address"}}), 1);
}

}  // namespace
}  // namespace tokens::xrpc
