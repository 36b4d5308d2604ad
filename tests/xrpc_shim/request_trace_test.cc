#include "xrpc_shim/request_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace tokens::xrpc {
namespace {

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(bool fails = false) : fails_(fails) {}
  absl::Status Fill(absl::Span<uint8_t> out) override {
    std::fill(out.begin(), out.end(), uint8_t{0xa5});
    return fails_ ? absl::UnavailableError("no entropy") : absl::OkStatus();
  }

 private:
  const bool fails_;
};

constexpr char kMade[] = "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5";

TEST(RequestId, TakesTheClientsIfItIsWellFormed) {
  FixedRandom random;
  const std::string longest(64, 'a');
  for (const std::string& id : {std::string("a"), std::string("AZaz09-_."), longest}) {
    EXPECT_EQ(RequestId({{"x-request-id", id}}, random), id);
  }
  for (const std::string& id : {std::string(), longest + "a", std::string("a b"), std::string("a\"b"),
                                std::string("a/b"), std::string("\xc3\xa9"), std::string("a\0b", 3)}) {
    EXPECT_EQ(RequestId({{"X-Request-Id", id}}, random), kMade) << id;
  }
  EXPECT_EQ(RequestId({{"X-Request-Id", "a"}, {"X-Request-Id", "b"}}, random), kMade);
  EXPECT_EQ(RequestId({}, random), kMade);
}

TEST(RequestId, AnswersEvenWithoutRandomness) {
  FixedRandom random(/*fails=*/true);
  EXPECT_EQ(RequestId({}, random), "unnamed");
}

TEST(PathForLog, NamesMethodsAndPlainPathsAndHidesTheRest) {
  const struct {
    std::string path;
    std::string logged;
  } cases[] = {
      {"/xrpc/app.didpic.identity.mintWidgetToken", "app.didpic.identity.mintWidgetToken"},
      {"/xrpc/app.didpic.identity.mintWidgetToken/", "app.didpic.identity.mintWidgetToken"},
      {"/xrpc/_health", "/xrpc/_health"},
      {"/", "/"},
      {"/.well-known/did.json", "/.well-known/did.json"},
      {"", ""},
      {"/xrpc/dpwt_" + std::string(49, 'a'), "other"},
      {"/dpwt_" + std::string(49, '0'), "other"},
      {"/Upper", "other"},
      {"/a%20b", "other"},
      {"/" + std::string(40, 'a'), "other"},
      {"/xrpc/a.b." + std::string(200, 'c'), "other"},
      {"/xrpc/eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJkaWQifQ." + std::string(86, 's'), "other"},
  };
  for (const auto& row : cases) EXPECT_EQ(std::string(PathForLog(row.path)), row.logged) << row.path;
}

}  // namespace
}  // namespace tokens::xrpc
