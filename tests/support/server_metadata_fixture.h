#ifndef TESTS_SUPPORT_SERVER_METADATA_FIXTURE_H_
#define TESTS_SUPPORT_SERVER_METADATA_FIXTURE_H_

#include <nlohmann/json.hpp>
#include <string>

namespace tokens::testing {

// Protected-resource metadata without fault of the PDS at `pds`, whose authorization server is `issuer`.
inline nlohmann::json ResourceMetadata(const std::string& pds, const std::string& issuer) {
  return {{"resource", pds}, {"authorization_servers", {issuer}}};
}

// Authorization-server metadata without fault.
inline nlohmann::json ServerMetadata(const std::string& issuer) {
  return {{"issuer", issuer},
          {"authorization_endpoint", issuer + "/oauth/authorize"},
          {"token_endpoint", issuer + "/oauth/token"},
          {"pushed_authorization_request_endpoint", issuer + "/oauth/par"},
          {"response_types_supported", {"code"}},
          {"grant_types_supported", {"authorization_code", "refresh_token"}},
          {"code_challenge_methods_supported", {"S256"}},
          {"token_endpoint_auth_methods_supported", {"none", "private_key_jwt"}},
          {"token_endpoint_auth_signing_alg_values_supported", {"ES256", "ES256K"}},
          {"scopes_supported", {"atproto", "transition:generic"}},
          {"authorization_response_iss_parameter_supported", true},
          {"require_pushed_authorization_requests", true},
          {"dpop_signing_alg_values_supported", {"ES256"}},
          {"client_id_metadata_document_supported", true}};
}

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_SERVER_METADATA_FIXTURE_H_
