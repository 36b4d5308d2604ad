#include "token_service/identity/server_metadata.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "token_service/jose/strict_json.h"

namespace tokens {
namespace {

using nlohmann::json;

constexpr JsonLimits kMetadataLimits = {.max_bytes = 64 * 1024, .max_depth = 8};

// What the rules compare with.
struct Expected {
  absl::string_view pds;
  absl::string_view issuer;
  WebHosts hosts;
};

struct Rule {
  BrokenRule name;
  bool (*holds)(const json& metadata, const Expected& expected);
};

bool Lists(const json& metadata, const char* member, absl::string_view value) {
  const auto list = metadata.find(member);
  return list != metadata.end() && list->is_array() &&
         std::any_of(list->begin(), list->end(), [value](const json& one) {
           return one.is_string() && one.get_ref<const std::string&>() == value;
         });
}

bool IsTrue(const json& metadata, const char* member) {
  const auto value = metadata.find(member);
  return value != metadata.end() && value->is_boolean() && value->get<bool>();
}

bool IsUrl(const json& metadata, const char* member, WebHosts hosts) {
  const std::string* url = FindString(metadata, member);
  if (url == nullptr) return false;
  return absl::StartsWith(*url, "https://") || (hosts == WebHosts::kDevelopment && absl::StartsWith(*url, "http://"));
}

// The only entry of `authorization_servers`; null if there is not exactly one, a string.
const std::string* OneServer(const json& metadata) {
  const auto list = metadata.find("authorization_servers");
  if (list == metadata.end() || !list->is_array() || list->size() != 1) return nullptr;
  return list->front().get_ptr<const json::string_t*>();
}

constexpr Rule kResourceRules[] = {
    {{"resource_is_pds", "resource must be the origin of the PDS"},
     [](const json& m, const Expected& expected) {
       const std::string* resource = FindString(m, "resource");
       return resource != nullptr && *resource == expected.pds;
     }},
    {{"one_authorization_server", "authorization_servers must have exactly one entry"},
     [](const json& m, const Expected&) { return OneServer(m) != nullptr; }},
    {{"authorization_server_origin", "the authorization server must be a bare https origin"},
     [](const json& m, const Expected& expected) {
       const std::string* server = OneServer(m);
       return server == nullptr || IsOrigin(expected.hosts, *server);  // the rule above speaks for "none"
     }},
};

constexpr Rule kServerRules[] = {
    {{"issuer_is_origin", "issuer must be the origin that the metadata was fetched from"},
     [](const json& m, const Expected& expected) {
       const std::string* issuer = FindString(m, "issuer");
       return issuer != nullptr && *issuer == expected.issuer;
     }},
    {{"authorization_endpoint", "authorization_endpoint must be an https URL"},
     [](const json& m, const Expected& expected) { return IsUrl(m, "authorization_endpoint", expected.hosts); }},
    {{"token_endpoint", "token_endpoint must be an https URL"},
     [](const json& m, const Expected& expected) { return IsUrl(m, "token_endpoint", expected.hosts); }},
    {{"response_type_code", "response_types_supported must list code"},
     [](const json& m, const Expected&) { return Lists(m, "response_types_supported", "code"); }},
    {{"grant_authorization_code", "grant_types_supported must list authorization_code"},
     [](const json& m, const Expected&) { return Lists(m, "grant_types_supported", "authorization_code"); }},
    {{"grant_refresh_token", "grant_types_supported must list refresh_token"},
     [](const json& m, const Expected&) { return Lists(m, "grant_types_supported", "refresh_token"); }},
    {{"code_challenge_s256", "code_challenge_methods_supported must list S256"},
     [](const json& m, const Expected&) { return Lists(m, "code_challenge_methods_supported", "S256"); }},
    {{"auth_method_none", "token_endpoint_auth_methods_supported must list none"},
     [](const json& m, const Expected&) { return Lists(m, "token_endpoint_auth_methods_supported", "none"); }},
    {{"auth_method_private_key_jwt", "token_endpoint_auth_methods_supported must list private_key_jwt"},
     [](const json& m, const Expected&) {
       return Lists(m, "token_endpoint_auth_methods_supported", "private_key_jwt");
     }},
    {{"auth_alg_es256", "token_endpoint_auth_signing_alg_values_supported must list ES256"},
     [](const json& m, const Expected&) {
       return Lists(m, "token_endpoint_auth_signing_alg_values_supported", "ES256");
     }},
    {{"auth_alg_not_none", "token_endpoint_auth_signing_alg_values_supported must not list none"},
     [](const json& m, const Expected&) {
       return !Lists(m, "token_endpoint_auth_signing_alg_values_supported", "none");
     }},
    {{"scope_atproto", "scopes_supported must list atproto"},
     [](const json& m, const Expected&) { return Lists(m, "scopes_supported", "atproto"); }},
    {{"iss_parameter", "authorization_response_iss_parameter_supported must be true"},
     [](const json& m, const Expected&) { return IsTrue(m, "authorization_response_iss_parameter_supported"); }},
    {{"par_required", "require_pushed_authorization_requests must be true"},
     [](const json& m, const Expected&) { return IsTrue(m, "require_pushed_authorization_requests"); }},
    {{"par_endpoint", "pushed_authorization_request_endpoint must be an https URL"},
     [](const json& m, const Expected& expected) {
       return IsUrl(m, "pushed_authorization_request_endpoint", expected.hosts);
     }},
    {{"dpop_alg_es256", "dpop_signing_alg_values_supported must list ES256"},
     [](const json& m, const Expected&) { return Lists(m, "dpop_signing_alg_values_supported", "ES256"); }},
    {{"request_uri_registration", "require_request_uri_registration must be absent or true"},
     [](const json& m, const Expected&) {
       return !m.contains("require_request_uri_registration") || IsTrue(m, "require_request_uri_registration");
     }},
    {{"client_id_metadata", "client_id_metadata_document_supported must be true"},
     [](const json& m, const Expected&) { return IsTrue(m, "client_id_metadata_document_supported"); }},
    {{"protects_pds", "protected_resources, if present, must list the origin of the PDS"},
     [](const json& m, const Expected& expected) {
       return !m.contains("protected_resources") || Lists(m, "protected_resources", expected.pds);
     }},
};

std::vector<BrokenRule> Broken(absl::Span<const Rule> rules, const json& metadata, const Expected& expected) {
  std::vector<BrokenRule> broken;
  for (const Rule& rule : rules) {
    if (!rule.holds(metadata, expected)) broken.push_back(rule.name);
  }
  return broken;
}

}  // namespace

std::string Describe(const std::vector<BrokenRule>& broken) {
  return absl::StrJoin(broken, "; ",
                       [](std::string* out, const BrokenRule& one) { absl::StrAppend(out, one.id, ": ", one.rule); });
}

absl::StatusOr<json> ReadMetadata(const HttpReply& reply) {
  if (reply.http_status != 200) {
    return absl::UnavailableError(absl::StrCat("http_status: it must be 200, not ", reply.http_status));
  }
  const absl::string_view type = absl::string_view(reply.content_type).substr(0, reply.content_type.find(';'));
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type), "application/json")) {
    return absl::UnavailableError("content_type: it must be application/json");
  }
  absl::StatusOr<json> metadata = ParseStrictJson(reply.body, kMetadataLimits);
  if (!metadata.ok()) return absl::UnavailableError(absl::StrCat("json_object: ", metadata.status().message()));
  if (!metadata->is_object()) return absl::UnavailableError("json_object: the document must be an object");
  return metadata;
}

std::vector<BrokenRule> CheckResourceMetadata(const json& metadata, const std::string& pds, WebHosts hosts) {
  return Broken(kResourceRules, metadata, {pds, "", hosts});
}

std::string AuthorizationServerIn(const json& metadata) {
  const std::string* server = OneServer(metadata);
  return server == nullptr ? "" : *server;
}

std::vector<BrokenRule> CheckServerMetadata(const json& metadata, const std::string& issuer, const std::string& pds,
                                            WebHosts hosts) {
  return Broken(kServerRules, metadata, {pds, issuer, hosts});
}

}  // namespace tokens
