#include "xrpc_shim/well_known.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tokens::xrpc {
namespace {

using ::testing::StartsWith;

TEST(WellKnown, DidDocumentNamesTheService) {
  const HttpResponse response = DidDocumentResponse(
      {"did:web:api.didpic.example", "didpic_appview", "DidpicAppView", "https://api.didpic.example"});
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.content_type, StartsWith("application/json"));
  EXPECT_EQ(nlohmann::json::parse(response.body), nlohmann::json::parse(R"({
    "@context": ["https://www.w3.org/ns/did/v1"],
    "id": "did:web:api.didpic.example",
    "service": [{
      "id": "#didpic_appview", "type": "DidpicAppView", "serviceEndpoint": "https://api.didpic.example"
    }]
  })"));
}

TEST(WellKnown, CrawlersAreSentAway) {
  const HttpResponse response = RobotsResponse();
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.content_type, StartsWith("text/plain"));
  EXPECT_EQ(response.body, "User-agent: *\nDisallow: /\n");
}

TEST(WellKnown, IndexIsPlainText) {
  const HttpResponse response = IndexResponse();
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.content_type, StartsWith("text/plain"));
  EXPECT_FALSE(response.body.empty());
}

}  // namespace
}  // namespace tokens::xrpc
