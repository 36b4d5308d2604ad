#include "token_service/identity/txt_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_dns_server.h"

namespace tokens {
namespace {

using Code = absl::StatusCode;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kName[] = "_atproto.alice.example.com";

class TxtLookupTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<std::string>> Find(const std::string& name, absl::Duration timeout = absl::Seconds(30)) {
    return FindTxtRecords(name, {server_.address(), timeout});
  }
  testing::TestDnsServer server_;
};

TEST_F(TxtLookupTest, RecordsAreReadEachWithItsStringsPutTogether) {
  server_.Set(kName, {.records = {{"did=did:plc:", "abc"}, {"v=spf1"}, {std::string("a\0b", 3)}, {""}}});
  const auto records = Find(kName);
  ASSERT_TRUE(records.ok()) << records.status();
  EXPECT_THAT(*records, UnorderedElementsAre("did=did:plc:abc", "v=spf1", std::string("a\0b", 3), ""));
}

TEST_F(TxtLookupTest, NoNameAndNoRecordAreNoErrors) {
  server_.Set("empty.example.com", {.records = {}});
  EXPECT_THAT(*Find("empty.example.com"), IsEmpty());
  EXPECT_THAT(*Find("absent.example.com"), IsEmpty());
  EXPECT_THAT(*Find(std::string(64, 'a') + ".example.com"), IsEmpty());
}

TEST_F(TxtLookupTest, AFailingServerIsAnOutage) {
  for (const int rcode : {2, 5}) {
    server_.Set(kName, {.rcode = rcode, .records = {}});
    EXPECT_EQ(Find(kName).status().code(), Code::kUnavailable) << rcode;
  }
}

TEST_F(TxtLookupTest, ASilentServerIsWaitedForNoLongerThanAllowed) {
  server_.Set(kName, {.records = {}, .silent = true});
  EXPECT_EQ(Find(kName, absl::Milliseconds(60)).status().code(), Code::kDeadlineExceeded);
  EXPECT_GT(server_.Questions(kName), 1);  // A datagram may get lost.
}

TEST_F(TxtLookupTest, SearchListsAreNotUsed) {
  EXPECT_THAT(*Find("short"), IsEmpty());
  EXPECT_EQ(server_.Questions("short"), 1);
}

TEST(TxtLookupOptionsTest, ServersMustBeAddresses) {
  EXPECT_EQ(FindTxtRecords(kName, {"not an address", absl::Seconds(1)}).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace tokens
