#include "token_service/identity/host_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <future>
#include <memory>

namespace tokens {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

AskResolver Always(ResolverAnswer answer) {
  return [answer](const std::string&) { return answer; };
}

TEST(HostLookup, GivesTheAddressesInOrder) {
  HostLookup lookup(Always({0, {"2001:db8::1", "192.0.2.1"}}), 1);
  const auto addresses = lookup.Find("a.example", absl::Seconds(60));
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  EXPECT_THAT(*addresses, ElementsAre("2001:db8::1", "192.0.2.1"));
}

TEST(HostLookup, OnlyAMissingNameIsNotFound) {
  const struct {
    int error;
    absl::StatusCode code;
  } kRows[] = {
      {0, absl::StatusCode::kNotFound},  // and no address
      {EAI_NONAME, absl::StatusCode::kNotFound},
      {EAI_NODATA, absl::StatusCode::kNotFound},
      {EAI_AGAIN, absl::StatusCode::kUnavailable},
      {EAI_FAIL, absl::StatusCode::kUnavailable},
      {EAI_MEMORY, absl::StatusCode::kUnavailable},
      {EAI_SYSTEM, absl::StatusCode::kUnavailable},
  };
  for (const auto& row : kRows) {
    HostLookup lookup(Always({row.error, {}}), 1);
    EXPECT_EQ(lookup.Find("a.example", absl::Seconds(60)).status().code(), row.code) << row.error;
  }
}

TEST(HostLookup, AQuestionGivenUpCountsUntilItIsAnswered) {
  std::promise<void> release;
  const auto asked = std::make_shared<std::promise<void>>();
  const AskResolver silent = [asked, released = release.get_future().share()](const std::string&) {
    asked->set_value();
    released.wait();
    return ResolverAnswer{0, {"192.0.2.1"}};
  };
  HostLookup lookup(silent, 1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(lookup.Find("a.example", absl::Milliseconds(10)).status()));
  EXPECT_TRUE(absl::IsUnavailable(lookup.Find("b.example", absl::Seconds(60)).status()));
  asked->get_future().wait();
  release.set_value();
}

TEST(HostLookup, TheSystemKnowsLocalhost) {
  const ResolverAnswer answer = AskSystemResolver("localhost");
  ASSERT_EQ(answer.error, 0);
  EXPECT_THAT(answer.addresses, Contains(::testing::AnyOf("127.0.0.1", "::1")));
}

TEST(HostLookup, TheSystemDoesNotFindWhatIsNoName) { EXPECT_NE(AskSystemResolver("no such host").error, 0); }

}  // namespace
}  // namespace tokens
