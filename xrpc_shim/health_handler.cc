#include "xrpc_shim/health_handler.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"

namespace tokens::xrpc {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(1);

}  // namespace

HttpResponse HealthResponse(TokenClient& tokens, const HttpRequest& request) {
  const absl::Time deadline = std::min(request.deadline, absl::Now() + kPatience);
  const bool serving = tokens.CheckHealth({deadline, request.request_id, request.trace}).ok();
  nlohmann::ordered_json body = {{"version", TOKENS_VERSION}};
  if (!serving) body["error"] = "Service Unavailable";
  HttpResponse response;
  response.status = serving ? 200 : 503;
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = body.dump();
  return response;
}

}  // namespace tokens::xrpc
