#include "token_service/identity/client_metadata.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/test_signer.h"
#include "token_service/identity/client_rule.h"

namespace tokens {
namespace {

using nlohmann::json;
using testing::TestSigner;

constexpr char kId[] = "https://app.example.com/oauth/client.json";

json PublicDocument() {
  return {{"client_id", kId},
          {"client_name", "An app"},
          {"grant_types", {"authorization_code", "refresh_token"}},
          {"response_types", {"code"}},
          {"scope", "atproto transition:generic"},
          {"redirect_uris", {"https://app.example.com/cb"}},
          {"token_endpoint_auth_method", "none"},
          {"dpop_bound_access_tokens", true}};
}

json ConfidentialDocument() {
  json document = PublicDocument();
  document["token_endpoint_auth_method"] = "private_key_jwt";
  document["token_endpoint_auth_signing_alg"] = "ES256";
  document["jwks"]["keys"] = {TestSigner::Generate(KeyCurve::kP256).Jwk()};
  return document;
}

// `document` with what `patch` says (RFC 7396: null takes away).
json With(json document, const json& patch) {
  document.merge_patch(patch);
  return document;
}

std::string RuleBrokenBy(const json& document) {
  return RejectingRule(ParseClientMetadata(kId, document.dump()).status());
}

TEST(ClientMetadata, OfAPublicClient) {
  const auto client = ParseClientMetadata(kId, PublicDocument().dump());
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->client_id, kId);
  EXPECT_EQ(client->type, ClientType::kPublic);
  EXPECT_EQ(client->application_type, ApplicationType::kWeb);
  EXPECT_EQ(client->name, "An app");
  EXPECT_EQ(client->redirect_uris, std::vector<std::string>{"https://app.example.com/cb"});
  EXPECT_EQ(client->scope, "atproto transition:generic");
  EXPECT_EQ(client->auth_signing_alg, "");
  EXPECT_FALSE(client->has_inline_keys);
  EXPECT_EQ(client->jwks_uri, "");
}

TEST(ClientMetadata, OfAConfidentialClientWithInlineOrLinkedKeys) {
  auto client = ParseClientMetadata(kId, ConfidentialDocument().dump());
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->type, ClientType::kConfidential);
  EXPECT_EQ(client->auth_signing_alg, "ES256");
  EXPECT_TRUE(client->has_inline_keys);
  client = ParseClientMetadata(
      kId, With(ConfidentialDocument(), {{"jwks", nullptr}, {"jwks_uri", "https://keys.example.com/jwks"}}).dump());
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->type, ClientType::kConfidential);
  EXPECT_FALSE(client->has_inline_keys);
  EXPECT_EQ(client->jwks_uri, "https://keys.example.com/jwks");
}

TEST(ClientMetadata, TakesWhatNoRuleForbids) {
  const json kPatches[] = {
      {{"grant_types", nullptr}},
      {{"response_types", nullptr}},
      {{"grant_types", {"authorization_code"}}},
      {{"response_types", {"code", "none"}}},
      {{"application_type", "web"}},
      {{"application_type", "native"}, {"redirect_uris", {"com.example.app:/cb", "http://127.0.0.1/"}}},
      {{"client_uri", "https://app.example.com"}},
      {{"client_uri", "https://app.example.com/oauth"}},
      {{"client_uri", "https://app.example.com/oauth/"}},
      {{"client_uri", kId}},
      {{"logo_uri", "https://cdn.example.com:8443/logo.png"}, {"tos_uri", "https://a.com/"}},
      {{"subject_type", "public"}},
      {{"tls_client_certificate_bound_access_tokens", false}},
      {{"client_name", nullptr}},
      {{"software_id", {{"unknown", "fields"}}}},
  };
  for (const json& patch : kPatches) {
    const auto client = ParseClientMetadata(kId, With(PublicDocument(), patch).dump());
    EXPECT_TRUE(client.ok()) << patch << " " << client.status();
  }
}

TEST(ClientMetadata, EachRuleIsNamedByItself) {
  const struct {
    const char* rule;
    json patch;
  } kRows[] = {
      {"client_id", {{"client_id", nullptr}}},
      {"client_id", {{"client_id", "https://APP.example.com/oauth/client.json"}}},
      {"client_id", {{"client_id", 1}}},
      {"application_type", {{"application_type", "desktop"}}},
      {"application_type", {{"application_type", 1}}},
      {"grant_types", {{"grant_types", "authorization_code"}}},
      {"grant_types", {{"grant_types", {"authorization_code", 1}}}},
      {"grant_types_code", {{"grant_types", {"refresh_token"}}}},
      {"grant_types_code", {{"grant_types", json::array()}}},
      {"grant_types_unsupported", {{"grant_types", {"authorization_code", "implicit"}}}},
      {"grant_types_unsupported", {{"grant_types", {"authorization_code", "password"}}}},
      {"grant_types_duplicate", {{"grant_types", {"authorization_code", "authorization_code"}}}},
      {"response_types", {{"response_types", "code"}}},
      {"response_types_code", {{"response_types", {"none"}}}},
      {"scope", {{"scope", nullptr}}},
      {"scope", {{"scope", {"atproto"}}}},
      {"scope", {{"scope", ""}}},
      {"scope", {{"scope", "atproto  transition:generic"}}},
      {"scope", {{"scope", " atproto"}}},
      {"scope", {{"scope", "atproto a\"b"}}},
      {"scope", {{"scope", "atproto a\\b"}}},
      {"scope", {{"scope", "atproto \xc3\xa4"}}},
      {"scope_atproto", {{"scope", "transition:generic"}}},
      {"scope_duplicate", {{"scope", "atproto atproto"}}},
      {"redirect_uris", {{"redirect_uris", nullptr}}},
      {"redirect_uris", {{"redirect_uris", json::array()}}},
      {"redirect_uris", {{"redirect_uris", "https://app.example.com/cb"}}},
      {"redirect_uri_http", {{"redirect_uris", {"https://app.example.com/cb", "http://app.example.com/cb"}}}},
      {"redirect_uri_private_web", {{"redirect_uris", {"com.example.app:/cb"}}}},
      {"redirect_uri_native_origin", {{"application_type", "native"}, {"redirect_uris", {"https://a.com/cb"}}}},
      {"token_endpoint_auth_method", {{"token_endpoint_auth_method", nullptr}}},
      {"token_endpoint_auth_method", {{"token_endpoint_auth_method", "client_secret_basic"}}},
      {"token_endpoint_auth_signing_alg", {{"token_endpoint_auth_signing_alg", 1}}},
      {"token_endpoint_auth_signing_alg_public", {{"token_endpoint_auth_signing_alg", "ES256"}}},
      {"dpop_bound_access_tokens", {{"dpop_bound_access_tokens", nullptr}}},
      {"dpop_bound_access_tokens", {{"dpop_bound_access_tokens", false}}},
      {"dpop_bound_access_tokens", {{"dpop_bound_access_tokens", "true"}}},
      {"jwks", {{"jwks", {{"keys", json::array()}}}}},
      {"jwks_uri", {{"jwks_uri", "http://keys.example.com/jwks"}}},
      {"jwks_uri_port", {{"jwks_uri", "https://keys.example.com:8443/jwks"}}},
      {"client_uri", {{"client_uri", "app.example.com"}}},
      {"client_uri", {{"client_uri", 1}}},
      {"client_uri_origin", {{"client_uri", "https://example.com/"}}},
      {"client_uri_origin", {{"client_uri", "http://app.example.com/"}}},
      {"client_uri_origin", {{"client_uri", "https://app.example.com:8443/"}}},
      {"client_uri_origin", {{"client_uri", "https://user@app.example.com/"}}},
      {"client_uri_path", {{"client_uri", "https://app.example.com/oau"}}},
      {"client_uri_path", {{"client_uri", "https://app.example.com/other/"}}},
      {"logo_uri", {{"logo_uri", "http://app.example.com/logo.png"}}},
      {"logo_uri", {{"logo_uri", "data:image/png;base64,AA=="}}},
      {"tos_uri", {{"tos_uri", "http://app.example.com/tos"}}},
      {"policy_uri", {{"policy_uri", "https:/policy"}}},
      {"subject_type", {{"subject_type", "pairwise"}}},
      {"default_max_age", {{"default_max_age", 0}}},
      {"userinfo_signed_response_alg", {{"userinfo_signed_response_alg", "ES256"}}},
      {"id_token_signed_response_alg", {{"id_token_signed_response_alg", "ES256"}}},
      {"userinfo_encrypted_response_alg", {{"userinfo_encrypted_response_alg", "ECDH-ES"}}},
      {"authorization_encrypted_response_enc", {{"authorization_encrypted_response_enc", "A128GCM"}}},
      {"tls_client_certificate_bound_access_tokens", {{"tls_client_certificate_bound_access_tokens", true}}},
      {"client_name", {{"client_name", 1}}},
  };
  for (const auto& row : kRows) EXPECT_EQ(RuleBrokenBy(With(PublicDocument(), row.patch)), row.rule) << row.patch;
}

TEST(ClientMetadata, EachRuleForConfidentialClientsIsNamedByItself) {
  json private_key = TestSigner::Generate(KeyCurve::kP256).Jwk();
  private_key["d"] = "AA";
  const struct {
    const char* rule;
    json patch;
  } kRows[] = {
      {"token_endpoint_auth_signing_alg", {{"token_endpoint_auth_signing_alg", nullptr}}},
      {"token_endpoint_auth_signing_alg", {{"token_endpoint_auth_signing_alg", "none"}}},
      {"token_endpoint_auth_signing_alg", {{"token_endpoint_auth_signing_alg", ""}}},
      {"native_confidential", {{"application_type", "native"}}},
      {"jwks_required", {{"jwks", nullptr}}},
      {"jwks_exclusive", {{"jwks_uri", "https://keys.example.com/jwks"}}},
      {"jwks", {{"jwks", 1}}},
      {"jwks", {{"jwks", {{"keys", nullptr}}}}},
      {"jwks", {{"jwks", {{"keys", "all"}}}}},
      {"jwks", {{"jwks", {{"keys", json::array()}}}}},
      {"jwks_key", {{"jwks", {{"keys", {1}}}}}},
      {"jwks_key", {{"jwks", {{"keys", {json::object()}}}}}},
      {"jwks_private", {{"jwks", {{"keys", {private_key}}}}}},
      {"jwks_private", {{"jwks", {{"keys", {{{"kty", "oct"}, {"k", "c2VjcmV0"}}}}}}}},
  };
  for (const auto& row : kRows) EXPECT_EQ(RuleBrokenBy(With(ConfidentialDocument(), row.patch)), row.rule) << row.patch;
}

TEST(ClientMetadata, MustBeAJsonObjectThatSaysNothingTwice) {
  const std::string twice = R"({"client_id":"a",)" + PublicDocument().dump().substr(1);
  for (const std::string& text : {std::string(), std::string("[]"), std::string("\"a\""), std::string("{"), twice}) {
    EXPECT_EQ(RejectingRule(ParseClientMetadata(kId, text).status()), "document_json") << text;
  }
  const std::string document = PublicDocument().dump();
  const std::string longest = document + std::string(kMaxClientDocumentBytes - document.size(), ' ');
  EXPECT_TRUE(ParseClientMetadata(kId, longest).ok());
  EXPECT_EQ(RejectingRule(ParseClientMetadata(kId, longest + " ").status()), "document_json");
}

TEST(ClientMetadata, ANameThatCannotBeShownIsNone) {
  const struct {
    std::string name;
    bool shown;
  } kRows[] = {
      {std::string(128, 'a'), true},
      {std::string(129, 'a'), false},
      {"\xc3\x84pp", true},
      {"two\nlines", false},
      {"\x7f", false},
      {"\xc2\x85", false},
  };
  for (const auto& row : kRows) {
    const auto client = ParseClientMetadata(kId, With(PublicDocument(), {{"client_name", row.name}}).dump());
    ASSERT_TRUE(client.ok()) << client.status();
    EXPECT_EQ(client->name, row.shown ? row.name : "") << row.name;
  }
}

}  // namespace
}  // namespace tokens
