#include "token_service/base/metrics_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <memory>

namespace tokens {
namespace {

MetricsListener::Sources SomeSource() {
  auto registry = std::make_shared<prometheus::Registry>();
  prometheus::BuildCounter().Name("some_total").Help("some").Register(*registry).Add({}).Increment();
  return {registry};
}

TEST(MetricsListenerTest, PicksAFreePortAndTellsIt) {
  const auto listener = MetricsListener::Start("127.0.0.1:0", SomeSource());
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_THAT((*listener)->address(), ::testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
}

TEST(MetricsListenerTest, AnAddressThatIsTakenIsAnError) {
  const auto first = MetricsListener::Start("127.0.0.1:0", SomeSource());
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = MetricsListener::Start((*first)->address(), SomeSource());
  EXPECT_EQ(second.status(), absl::UnavailableError("cannot listen on " + (*first)->address()));
}

TEST(MetricsListenerTest, WithoutAnAddressItDoesNotListen) {
  const auto listener = MetricsListener::Start("", SomeSource());
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ((*listener)->address(), "");
}

TEST(MetricsListenerTest, AnAddressIsIpv4AndPort) {
  for (const char* good : {"", "127.0.0.1:0", "0.0.0.0:9464", "10.1.2.3:65535"}) {
    std::vector<std::string> faults;
    CheckMetricsAddress(good, &faults);
    EXPECT_THAT(faults, ::testing::IsEmpty()) << good;
  }
  for (const char* bad : {"9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "[::1]:9464",
                          "localhost:9464", "127.0.0.1:1,8080", "127.0.0.1:443s", "unix:/tmp/metrics"}) {
    std::vector<std::string> faults;
    CheckMetricsAddress(bad, &faults);
    EXPECT_THAT(faults, ::testing::ElementsAre("--metrics_listen: must be IPv4:PORT")) << bad;
  }
}

}  // namespace
}  // namespace tokens
