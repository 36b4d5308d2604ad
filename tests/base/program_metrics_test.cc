#include "token_service/base/program_metrics.h"

#include <gtest/gtest.h>

#include "tests/support/metric_reader.h"

namespace tokens {
namespace {

using testing::ReadMetric;

constexpr char kReloads[] = "didpic_reloads_total";
const absl::Time kStart = absl::FromUnixSeconds(1700000000);

class ProgramMetricsTest : public ::testing::Test {
 protected:
  std::optional<double> Read(const std::string& name, const std::map<std::string, std::string>& labels = {}) {
    return ReadMetric(metrics_.registry(), name, labels);
  }
  std::optional<double> Reloads(const std::string& what, const std::string& outcome) {
    return Read(kReloads, {{"what", what}, {"outcome", outcome}});
  }

  ProgramMetrics metrics_{kStart, {Reloadable::kPolicy, Reloadable::kCertificates}};
};

TEST_F(ProgramMetricsTest, TellsTheProgramAndItsStart) {
  EXPECT_EQ(Read("didpic_build_info", {{"version", TOKENS_VERSION}}), 1);
  EXPECT_EQ(Read("process_start_time_seconds"), 1700000000);
}

TEST_F(ProgramMetricsTest, ReloadsAreThereBeforeTheFirstAndCountedByOutcome) {
  EXPECT_EQ(Reloads("policy", "accepted"), 0);
  EXPECT_EQ(Reloads("policy", "rejected"), 0);
  EXPECT_EQ(Reloads("crl", "rejected"), std::nullopt) << "this program has none";
  metrics_.Reloaded(Reloadable::kPolicy, absl::OkStatus());
  metrics_.ObserverOf(Reloadable::kPolicy)(absl::InvalidArgumentError("bad"));
  metrics_.Reloaded(Reloadable::kPolicy, absl::InvalidArgumentError("bad"));
  EXPECT_EQ(Reloads("policy", "accepted"), 1);
  EXPECT_EQ(Reloads("policy", "rejected"), 2);
}

TEST_F(ProgramMetricsTest, CertificatesAreShownByWhatTheyAreFor) {
  const CertificateObserver observer = metrics_.ObserverOfCertificates();
  observer.in_use("server", kStart);
  observer.in_use("server", kStart + absl::Hours(1));
  observer.reloaded(absl::InvalidArgumentError("bad"));
  EXPECT_EQ(Read("didpic_certificate_expiry_timestamp_seconds", {{"certificate", "server"}}), 1700003600);
  EXPECT_EQ(Reloads("certificates", "rejected"), 1);
}

TEST_F(ProgramMetricsTest, OnePolicyIsInForceAtATime) {
  EXPECT_EQ(Read("didpic_policy_load_timestamp_seconds"), std::nullopt);
  metrics_.PolicyInForce("aaaaaaaaaaaa", kStart);
  EXPECT_EQ(Read("didpic_policy_info", {{"digest", "aaaaaaaaaaaa"}}), 1);
  metrics_.PolicyInForce("bbbbbbbbbbbb", kStart + absl::Seconds(5));
  EXPECT_EQ(Read("didpic_policy_info", {{"digest", "aaaaaaaaaaaa"}}), std::nullopt);
  EXPECT_EQ(Read("didpic_policy_info", {{"digest", "bbbbbbbbbbbb"}}), 1);
  EXPECT_EQ(Read("didpic_policy_load_timestamp_seconds"), 1700000005);
  EXPECT_EQ(metrics_.policy().digest, "bbbbbbbbbbbb");
  EXPECT_EQ(metrics_.policy().loaded, kStart + absl::Seconds(5));
  metrics_.PolicyInForce("bbbbbbbbbbbb", kStart + absl::Seconds(6));  // the same text again
  EXPECT_EQ(Read("didpic_policy_info", {{"digest", "bbbbbbbbbbbb"}}), 1);
}

}  // namespace
}  // namespace tokens
