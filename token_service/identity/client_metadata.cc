#include "token_service/identity/client_metadata.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "token_service/base/utf8.h"
#include "token_service/identity/client_id.h"
#include "token_service/identity/client_rule.h"
#include "token_service/identity/url.h"
#include "token_service/jose/jwk.h"
#include "token_service/jose/strict_json.h"

namespace tokens {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

constexpr JsonLimits kLimits = {.max_bytes = kMaxClientDocumentBytes, .max_depth = 16};
constexpr size_t kMaxNameBytes = 128;

// What OpenID Connect and RFC 8705 know and atproto's servers do not offer.
constexpr const char* kUnsupported[] = {"default_max_age",
                                        "userinfo_signed_response_alg",
                                        "id_token_signed_response_alg",
                                        "userinfo_encrypted_response_alg",
                                        "authorization_encrypted_response_enc",
                                        "tls_client_certificate_bound_access_tokens"};

bool Contains(const Strings& list, absl::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool HasDuplicate(const Strings& list) { return std::set<std::string>(list.begin(), list.end()).size() != list.size(); }

// The array of strings `name`, or `fallback` where it is absent.
absl::StatusOr<Strings> ReadStrings(const json& document, const char* name, const Strings& fallback) {
  const auto found = document.find(name);
  if (found == document.end()) return fallback;
  Strings list;
  if (found->is_array()) {
    for (const json& item : *found) {
      if (item.is_string()) list.push_back(item.get<std::string>());
    }
  }
  if (!found->is_array() || list.size() != found->size()) {
    return ClientRejected(name, absl::StrCat(name, " is not an array of strings"));
  }
  return list;
}

// The string `name`, or nothing where it is absent.
absl::StatusOr<std::optional<std::string>> ReadString(const json& document, const char* name) {
  if (!document.contains(name)) return std::nullopt;
  const std::string* text = FindString(document, name);
  if (text == nullptr) return ClientRejected(name, absl::StrCat(name, " is not a string"));
  return *text;
}

absl::Status ReadId(const json& document, ClientMetadata& client) {
  const std::string* id = FindString(document, "client_id");
  if (id != nullptr && *id == client.client_id) return absl::OkStatus();
  return ClientRejected("client_id", "client_id in its document is not the URL of the document");
}

absl::Status ReadApplicationType(const json& document, ClientMetadata& client) {
  const auto type = ReadString(document, "application_type");
  if (!type.ok()) return type.status();
  if (!type->has_value() || **type == "web") return absl::OkStatus();
  client.application_type = ApplicationType::kNative;
  if (**type == "native") return absl::OkStatus();
  return ClientRejected("application_type", "application_type is neither web nor native");
}

absl::Status CheckGrants(const json& document, ClientMetadata&) {
  const auto grants = ReadStrings(document, "grant_types", {"authorization_code"});
  if (!grants.ok()) return grants.status();
  if (HasDuplicate(*grants)) return ClientRejected("grant_types_duplicate", "grant_types names one twice");
  for (const std::string& grant : *grants) {
    if (grant == "authorization_code" || grant == "refresh_token") continue;
    return ClientRejected("grant_types_unsupported", "grant_types has one that atproto does not know");
  }
  if (Contains(*grants, "authorization_code")) return absl::OkStatus();
  return ClientRejected("grant_types_code", "grant_types lacks authorization_code");
}

absl::Status CheckResponses(const json& document, ClientMetadata&) {
  const auto responses = ReadStrings(document, "response_types", {"code"});
  if (!responses.ok()) return responses.status();
  if (Contains(*responses, "code")) return absl::OkStatus();
  return ClientRejected("response_types_code", "response_types lacks code");
}

absl::Status ReadScope(const json& document, ClientMetadata& client) {
  const std::string* scope = FindString(document, "scope");
  if (scope == nullptr) return ClientRejected("scope", "scope is absent or not a string");
  client.scope = *scope;
  return CheckClientScope(*scope);
}

absl::Status ReadRedirectUris(const json& document, ClientMetadata& client) {
  const auto uris = ReadStrings(document, "redirect_uris", {});
  if (!uris.ok()) return uris.status();
  if (uris->empty()) return ClientRejected("redirect_uris", "redirect_uris is absent or empty");
  const std::optional<Url> id = ParseUrl(client.client_id);
  for (const std::string& uri : *uris) {
    absl::Status status = CheckRedirectUri(uri, client.application_type, id.value_or(Url()));
    if (!status.ok()) return status;
  }
  client.redirect_uris = *uris;
  return absl::OkStatus();
}

absl::Status ReadAuthentication(const json& document, ClientMetadata& client) {
  const std::string* method = FindString(document, "token_endpoint_auth_method");
  if (method == nullptr || (*method != "none" && *method != "private_key_jwt")) {
    return ClientRejected("token_endpoint_auth_method",
                          "token_endpoint_auth_method does not say none or private_key_jwt");
  }
  const auto algorithm = ReadString(document, "token_endpoint_auth_signing_alg");
  if (!algorithm.ok()) return algorithm.status();
  if (*method == "none") {
    if (!algorithm->has_value()) return absl::OkStatus();
    return ClientRejected("token_endpoint_auth_signing_alg_public",
                          "token_endpoint_auth_signing_alg is for clients that authenticate");
  }
  client.type = ClientType::kConfidential;
  if (client.application_type == ApplicationType::kNative) {
    return ClientRejected("native_confidential", "a native client cannot keep a key (RFC 8252, section 8.4)");
  }
  client.auth_signing_alg = algorithm->value_or("");
  if (!client.auth_signing_alg.empty() && client.auth_signing_alg != "none") return absl::OkStatus();
  return ClientRejected("token_endpoint_auth_signing_alg",
                        "token_endpoint_auth_signing_alg is absent or none, with private_key_jwt");
}

absl::Status CheckDpop(const json& document, ClientMetadata&) {
  const auto bound = document.find("dpop_bound_access_tokens");
  if (bound != document.end() && *bound == true) return absl::OkStatus();
  return ClientRejected("dpop_bound_access_tokens", "dpop_bound_access_tokens is not true");
}

// OK if absent, or an https URL.
absl::Status CheckHttpsUri(const json& document, const char* name) {
  const auto text = ReadString(document, name);
  if (!text.ok()) return text.status();
  if (!text->has_value()) return absl::OkStatus();
  const std::optional<Url> url = ParseUrl(**text);
  if (url.has_value() && url->scheme == "https" && !url->host.empty()) return absl::OkStatus();
  return ClientRejected(name, absl::StrCat(name, " is not an https URL"));
}

absl::Status ReadKeys(const json& document, ClientMetadata& client) {
  const auto keys = document.find("jwks");
  client.has_inline_keys = keys != document.end();
  if (absl::Status status = CheckHttpsUri(document, "jwks_uri"); !status.ok()) return status;
  if (const std::string* uri = FindString(document, "jwks_uri"); uri != nullptr) client.jwks_uri = *uri;
  if (client.has_inline_keys && !client.jwks_uri.empty()) {
    return ClientRejected("jwks_exclusive", "it has both jwks and jwks_uri");
  }
  if (client.has_inline_keys) return CheckClientKeys(*keys);
  if (client.jwks_uri.empty()) {
    if (client.type != ClientType::kConfidential) return absl::OkStatus();
    return ClientRejected("jwks_required", "with private_key_jwt it needs jwks or jwks_uri");
  }
  // Not more may be fetched on a stranger's word than the document itself.
  if (!ParseUrl(client.jwks_uri)->has_port) return absl::OkStatus();
  return ClientRejected("jwks_uri_port", "jwks_uri has a port");
}

absl::Status CheckHomePage(const json& document, ClientMetadata& client) {
  const auto text = ReadString(document, "client_uri");
  if (!text.ok()) return text.status();
  if (!text->has_value()) return absl::OkStatus();
  const std::optional<Url> page = ParseUrl(**text);
  const std::optional<Url> id = ParseUrl(client.client_id);
  if (!page.has_value() || !id.has_value()) return ClientRejected("client_uri", "client_uri is not a URL");
  if (page->scheme != id->scheme || page->host != id->host || page->has_port || page->has_credentials) {
    return ClientRejected("client_uri_origin", "client_uri is not of the client's own origin");
  }
  const std::string folder = absl::EndsWith(page->path, "/") ? page->path : absl::StrCat(page->path, "/");
  if (page->path == id->path || absl::StartsWith(id->path, folder)) return absl::OkStatus();
  return ClientRejected("client_uri_path", "client_uri is not a parent of the client's id");
}

absl::Status CheckPages(const json& document, ClientMetadata&) {
  for (const char* name : {"logo_uri", "tos_uri", "policy_uri"}) {
    if (absl::Status status = CheckHttpsUri(document, name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckUnsupported(const json& document, ClientMetadata&) {
  const auto subject = ReadString(document, "subject_type");
  if (!subject.ok()) return subject.status();
  if (subject->has_value() && **subject != "public")
    return ClientRejected("subject_type", "subject_type is not public");
  for (const char* name : kUnsupported) {
    const auto found = document.find(name);
    // To say that one does not use it asks for nothing.
    if (found == document.end() || *found == false) continue;
    return ClientRejected(name, absl::StrCat(name, " is not supported"));
  }
  return absl::OkStatus();
}

absl::Status ReadName(const json& document, ClientMetadata& client) {
  const auto name = ReadString(document, "client_name");
  if (!name.ok()) return name.status();
  // One that cannot be shown breaks no rule of OAuth.
  if (name->has_value() && (*name)->size() <= kMaxNameBytes && !HasControlCharacter(**name)) client.name = **name;
  return absl::OkStatus();
}

// Later ones rely on what earlier ones have read.
constexpr absl::Status (*kChecks[])(const json& document, ClientMetadata& client) = {
    ReadId,           ReadApplicationType, CheckGrants, CheckResponses, ReadScope,
    ReadRedirectUris, ReadAuthentication,  CheckDpop,   ReadKeys,       CheckHomePage,
    CheckPages,       CheckUnsupported,    ReadName};

// RFC 6749 §3.3.
bool IsScopeCharacter(char c) { return c >= 0x21 && c <= 0x7e && c != '"' && c != '\\'; }

}  // namespace

absl::StatusOr<ClientMetadata> ParseClientMetadata(const std::string& client_id, absl::string_view text) {
  const absl::StatusOr<json> document = ParseStrictJson(text, kLimits);
  if (!document.ok() || !document->is_object()) {
    return ClientRejected("document_json", "its document is not a JSON object, or says one thing twice");
  }
  ClientMetadata client;
  client.client_id = client_id;
  for (const auto check : kChecks) {
    if (absl::Status status = check(*document, client); !status.ok()) return status;
  }
  return client;
}

absl::Status CheckClientKeys(const json& jwks) {
  const auto keys = jwks.find("keys");
  if (!jwks.is_object() || keys == jwks.end() || !keys->is_array() || keys->empty()) {
    return ClientRejected("jwks", "its JWK set has no keys");
  }
  for (const json& key : *keys) {
    if (FindString(key, "kty") == nullptr) return ClientRejected("jwks_key", "its JWK set holds what is not a key");
    if (HasPrivatePart(key)) return ClientRejected("jwks_private", "its JWK set holds a private or a symmetric key");
  }
  return absl::OkStatus();
}

absl::Status CheckClientScope(absl::string_view scope) {
  const Strings scopes = absl::StrSplit(scope, ' ');
  for (const std::string& one : scopes) {
    if (one.empty() || !std::all_of(one.begin(), one.end(), IsScopeCharacter)) {
      return ClientRejected("scope", "scope is not a list of scopes with single spaces between them");
    }
  }
  if (HasDuplicate(scopes)) return ClientRejected("scope_duplicate", "scope names one twice");
  if (Contains(scopes, "atproto")) return absl::OkStatus();
  return ClientRejected("scope_atproto", "scope lacks atproto");
}

}  // namespace tokens
