#ifndef TOKEN_SERVICE_IDENTITY_SERVER_METADATA_H_
#define TOKEN_SERVICE_IDENTITY_SERVER_METADATA_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/identity/host_rules.h"
#include "token_service/identity/https_fetcher.h"

namespace tokens {

// What servers say of themselves to OAuth clients, and the rules that atproto makes for it
// (https://atproto.com/specs/oauth#server-metadata). Pure functions.

// A rule that a document breaks. Both texts live forever.
struct BrokenRule {
  absl::string_view id;    // Stable, for programs: "par_required". All of them are in docs/errors.md.
  absl::string_view rule;  // What would have been right, for people.
};

// "id: rule" of each, separated by "; ".
std::string Describe(const std::vector<BrokenRule>& broken);

// The JSON object in a reply that is exactly 200 and application/json. UNAVAILABLE for any other, the text beginning
// with the id of the rule: http_status, content_type or json_object. Such a reply says nothing about the server: it may
// well come from a proxy in front of it.
absl::StatusOr<nlohmann::json> ReadMetadata(const HttpReply& reply);

// The rules that the protected-resource metadata (RFC 9728) of the server at `pds` breaks.
std::vector<BrokenRule> CheckResourceMetadata(const nlohmann::json& metadata, const std::string& pds, WebHosts hosts);

// The one authorization server that protected-resource metadata without fault names.
std::string AuthorizationServerIn(const nlohmann::json& metadata);

// The rules that the authorization-server metadata (RFC 8414) fetched from `issuer` for the accounts of `pds` breaks.
std::vector<BrokenRule> CheckServerMetadata(const nlohmann::json& metadata, const std::string& issuer,
                                            const std::string& pds, WebHosts hosts);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_SERVER_METADATA_H_
