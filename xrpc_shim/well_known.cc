#include "xrpc_shim/well_known.h"

#include <nlohmann/json.hpp>

namespace tokens::xrpc {
namespace {

HttpResponse Cacheable(std::string content_type, std::string body) {
  HttpResponse response;
  response.status = 200;
  response.content_type = std::move(content_type);
  response.headers = {{"Cache-Control", "public, max-age=300"}};
  response.body = std::move(body);
  return response;
}

}  // namespace

HttpResponse DidDocumentResponse(const ServiceIdentity& identity) {
  using Json = nlohmann::ordered_json;
  const Json service = {
      {"id", "#" + identity.service_id}, {"type", identity.type}, {"serviceEndpoint", identity.endpoint}};
  const Json document = {{"@context", Json::array({"https://www.w3.org/ns/did/v1"})},
                         {"id", identity.did},
                         {"service", Json::array({service})}};
  return Cacheable("application/json; charset=utf-8", document.dump(-1, ' ', true, Json::error_handler_t::replace));
}

HttpResponse RobotsResponse() { return Cacheable("text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n"); }

HttpResponse IndexResponse() {
  return Cacheable("text/plain; charset=utf-8",
                   "This is an AT Protocol service (https://atproto.com). Its methods are under /xrpc/.\n");
}

}  // namespace tokens::xrpc
