#include "token_service/identity/server_metadata.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/server_metadata_fixture.h"

namespace tokens {
namespace {

using nlohmann::json;

constexpr char kPds[] = "https://pds.example.com";
constexpr char kIssuer[] = "https://auth.example.com";

json Resource() { return testing::ResourceMetadata(kPds, kIssuer); }
json Server() { return testing::ServerMetadata(kIssuer); }

// `metadata` with one member changed; taken away if `value` is null.
json With(json metadata, const char* member, json value) {
  if (value.is_null()) {
    metadata.erase(member);
  } else {
    metadata[member] = std::move(value);
  }
  return metadata;
}

std::string Ids(const std::vector<BrokenRule>& broken) {
  std::string ids;
  for (const BrokenRule& one : broken) ids.append(ids.empty() ? "" : " ").append(one.id.data(), one.id.size());
  return ids;
}

struct Row {
  const char* member;
  json value;  // Null: taken away.
  const char* broken;
};

TEST(ServerMetadata, EachRuleOfResourceMetadataIsChecked) {
  const Row rows[] = {
      {"scopes_supported", "anything", ""},
      {"resource", nullptr, "resource_is_pds"},
      {"resource", "https://pds.example.com/", "resource_is_pds"},
      {"resource", "https://other.example.com", "resource_is_pds"},
      {"resource", {kPds}, "resource_is_pds"},
      {"authorization_servers", nullptr, "one_authorization_server"},
      {"authorization_servers", json::array(), "one_authorization_server"},
      {"authorization_servers", {kIssuer, kIssuer}, "one_authorization_server"},
      {"authorization_servers", kIssuer, "one_authorization_server"},
      {"authorization_servers", json::array({7}), "one_authorization_server"},
      {"authorization_servers", json::array({"http://auth.example.com"}), "authorization_server_origin"},
      {"authorization_servers", json::array({"https://auth.example.com/"}), "authorization_server_origin"},
      {"authorization_servers", json::array({"https://auth.example.com:443"}), "authorization_server_origin"},
      {"authorization_servers", json::array({"https://me@auth.example.com"}), "authorization_server_origin"},
  };
  for (const Row& row : rows) {
    const json metadata = With(Resource(), row.member, row.value);
    EXPECT_EQ(Ids(CheckResourceMetadata(metadata, kPds, WebHosts::kPublic)), row.broken) << metadata;
  }
  EXPECT_EQ(AuthorizationServerIn(Resource()), kIssuer);
}

TEST(ServerMetadata, EachRuleOfServerMetadataIsChecked) {
  const Row rows[] = {
      {"x", "anything", ""},
      {"issuer", nullptr, "issuer_is_origin"},
      {"issuer", "https://auth.example.com/", "issuer_is_origin"},
      {"issuer", kPds, "issuer_is_origin"},
      {"authorization_endpoint", nullptr, "authorization_endpoint"},
      {"authorization_endpoint", "http://auth.example.com/authorize", "authorization_endpoint"},
      {"authorization_endpoint", "/authorize", "authorization_endpoint"},
      {"token_endpoint", nullptr, "token_endpoint"},
      {"token_endpoint", "http://auth.example.com/token", "token_endpoint"},
      {"response_types_supported", nullptr, "response_type_code"},
      {"response_types_supported", {"token"}, "response_type_code"},
      {"response_types_supported", "code", "response_type_code"},
      {"grant_types_supported", {"refresh_token"}, "grant_authorization_code"},
      {"grant_types_supported", {"authorization_code"}, "grant_refresh_token"},
      {"grant_types_supported", nullptr, "grant_authorization_code grant_refresh_token"},
      {"code_challenge_methods_supported", nullptr, "code_challenge_s256"},
      {"code_challenge_methods_supported", {"plain"}, "code_challenge_s256"},
      {"token_endpoint_auth_methods_supported", {"private_key_jwt"}, "auth_method_none"},
      {"token_endpoint_auth_methods_supported", {"none"}, "auth_method_private_key_jwt"},
      {"token_endpoint_auth_signing_alg_values_supported", nullptr, "auth_alg_es256"},
      {"token_endpoint_auth_signing_alg_values_supported", {"RS256"}, "auth_alg_es256"},
      {"token_endpoint_auth_signing_alg_values_supported", {"ES256", "none"}, "auth_alg_not_none"},
      {"scopes_supported", nullptr, "scope_atproto"},
      {"scopes_supported", {"openid"}, "scope_atproto"},
      {"authorization_response_iss_parameter_supported", nullptr, "iss_parameter"},
      {"authorization_response_iss_parameter_supported", false, "iss_parameter"},
      {"authorization_response_iss_parameter_supported", "true", "iss_parameter"},
      {"require_pushed_authorization_requests", nullptr, "par_required"},
      {"require_pushed_authorization_requests", false, "par_required"},
      {"pushed_authorization_request_endpoint", nullptr, "par_endpoint"},
      {"pushed_authorization_request_endpoint", "http://auth.example.com/par", "par_endpoint"},
      {"dpop_signing_alg_values_supported", nullptr, "dpop_alg_es256"},
      {"dpop_signing_alg_values_supported", {"RS256"}, "dpop_alg_es256"},
      {"require_request_uri_registration", true, ""},
      {"require_request_uri_registration", false, "request_uri_registration"},
      {"client_id_metadata_document_supported", nullptr, "client_id_metadata"},
      {"client_id_metadata_document_supported", 1, "client_id_metadata"},
      {"protected_resources", {"https://other.example.com", kPds}, ""},
      {"protected_resources", {"https://other.example.com"}, "protects_pds"},
      {"protected_resources", kPds, "protects_pds"},
  };
  for (const Row& row : rows) {
    const json metadata = With(Server(), row.member, row.value);
    EXPECT_EQ(Ids(CheckServerMetadata(metadata, kIssuer, kPds, WebHosts::kPublic)), row.broken) << metadata;
  }
}

TEST(ServerMetadata, PlainHttpIsForDevelopment) {
  json metadata = Server();
  for (const char* member : {"authorization_endpoint", "token_endpoint", "pushed_authorization_request_endpoint"}) {
    metadata[member] = "http://localhost:2583/x";
  }
  EXPECT_EQ(Ids(CheckServerMetadata(metadata, kIssuer, kPds, WebHosts::kDevelopment)), "");
  metadata = With(Resource(), "authorization_servers", json::array({"http://localhost:2583"}));
  EXPECT_EQ(Ids(CheckResourceMetadata(metadata, kPds, WebHosts::kDevelopment)), "");
}

TEST(ServerMetadata, AllBrokenRulesAreTold) {
  EXPECT_EQ(CheckServerMetadata(json::object(), kIssuer, kPds, WebHosts::kPublic).size(), 16u);
  EXPECT_EQ(Describe(CheckResourceMetadata(json::object(), kPds, WebHosts::kPublic)),
            "resource_is_pds: resource must be the origin of the PDS; "
            "one_authorization_server: authorization_servers must have exactly one entry");
}

TEST(ServerMetadata, OnlyA200WithAJsonObjectCounts) {
  const struct {
    HttpReply reply;
    const char* id;  // Empty: taken.
  } cases[] = {
      {{200, "application/json", "{}"}, ""},
      {{200, "Application/JSON ; charset=utf-8", "{}"}, ""},
      {{201, "application/json", "{}"}, "http_status"},
      {{204, "application/json", "{}"}, "http_status"},
      {{404, "application/json", "{}"}, "http_status"},
      {{500, "application/json", "{}"}, "http_status"},
      {{200, "", "{}"}, "content_type"},
      {{200, "text/html", "{}"}, "content_type"},
      {{200, "application/json-seq", "{}"}, "content_type"},
      {{200, "application/json", ""}, "json_object"},
      {{200, "application/json", "[]"}, "json_object"},
      {{200, "application/json", "{\"a\":1,\"a\":2}"}, "json_object"},
      {{200, "application/json", "{\"a\":" + std::string(9, '[') + std::string(9, ']') + "}"}, "json_object"},
  };
  for (const auto& row : cases) {
    const absl::Status status = ReadMetadata(row.reply).status();
    const std::string text(status.message());
    EXPECT_EQ(text.substr(0, text.find(':')), row.id) << row.reply.http_status << row.reply.body;
    EXPECT_EQ(absl::IsUnavailable(status), row.id[0] != '\0');
  }
}

}  // namespace
}  // namespace tokens
