#ifndef TOKEN_SERVICE_IDENTITY_CLIENT_METADATA_H_
#define TOKEN_SERVICE_IDENTITY_CLIENT_METADATA_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/identity/redirect_uri.h"

namespace tokens {

inline constexpr size_t kMaxClientDocumentBytes = 512 * 1024;

// How far an OAuth client can prove who it is.
enum class ClientType {
  kPublic,        // Not at all: its id says where it comes from, by its redirect URIs.
  kConfidential,  // By a key of its own.
  kLoopback,      // Public, and on the user's own machine: anybody's development client.
};

// What a client says of itself and what of it holds by the rules. A value.
struct ClientMetadata {
  std::string client_id;
  ClientType type = ClientType::kPublic;
  ApplicationType application_type = ApplicationType::kWeb;
  // `client_name`, which nobody vouches for: fit to be shown, or empty.
  std::string name;
  std::vector<std::string> redirect_uris;
  std::string scope;             // What it may ask for at most.
  std::string auth_signing_alg;  // With kConfidential, and only then.
  // A confidential client has one of both. The keys themselves are for those who authenticate clients.
  bool has_inline_keys = false;
  std::string jwks_uri;
};

// Reads the document that was found at the URL `client_id`, which CheckDiscoverableClientId takes, by atproto's profile
// (https://atproto.com/specs/oauth#client-metadata) and by what its reference server asks for on top. Fields that no
// rule is about are ignored. ClientRejected by the first rule broken. Pure.
//
// Where the two differ: an absent `grant_types` or `response_types` has its default, as with the reference server; an
// https redirect URI of a native client must be of its id's origin, as the profile says.
absl::StatusOr<ClientMetadata> ParseClientMetadata(const std::string& client_id, absl::string_view json);

// OK if `jwks` is a JWK set of public keys, at least one; otherwise ClientRejected. Of whatever kind they are: which
// algorithm is good enough is for those who verify with them.
absl::Status CheckClientKeys(const nlohmann::json& jwks);

// OK if `scope` is a list of scopes, each once, with `atproto` among them; otherwise ClientRejected.
absl::Status CheckClientScope(absl::string_view scope);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_CLIENT_METADATA_H_
