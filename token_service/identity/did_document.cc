#include "token_service/identity/did_document.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "token_service/base/did.h"
#include "token_service/jose/strict_json.h"

namespace tokens {
namespace {

constexpr JsonLimits kDocumentLimits = {.max_bytes = kMaxDidDocumentBytes, .max_depth = 32};

// Trying a key costs some 50 µs; a document with hundreds of bad ones is not worth it.
constexpr int kMaxCandidates = 8;

bool IsAtprotoMethod(const nlohmann::json& method, absl::string_view did) {
  const std::string* id = FindString(method, "id");
  const std::string* controller = FindString(method, "controller");
  return id != nullptr && controller != nullptr && *controller == did &&
         (*id == "#atproto" || *id == absl::StrCat(did, "#atproto"));
}

absl::StatusOr<SigningKey> ReadKey(const nlohmann::json& method) {
  const std::string* type = FindString(method, "type");
  const std::string* multibase = FindString(method, "publicKeyMultibase");
  if (type != nullptr && multibase != nullptr) {
    if (*type == "Multikey") return SigningKey::FromMultikey(*multibase);
    if (*type == "EcdsaSecp256r1VerificationKey2019") {
      return SigningKey::FromLegacyMultibase(KeyCurve::kP256, *multibase);
    }
    if (*type == "EcdsaSecp256k1VerificationKey2019") {
      return SigningKey::FromLegacyMultibase(KeyCurve::kK256, *multibase);
    }
  }
  return absl::InvalidArgumentError("verification method of an unknown type");
}

// The array `name` of the document; an empty one if there is none.
const nlohmann::json& ArrayIn(const nlohmann::json& document, const char* name) {
  static const nlohmann::json& none = *new nlohmann::json(nlohmann::json::array());
  const auto found = document.find(name);
  return found != document.end() && found->is_array() ? *found : none;
}

std::vector<std::string> ReadHandles(const nlohmann::json& document) {
  std::vector<std::string> handles;
  for (const nlohmann::json& name : ArrayIn(document, "alsoKnownAs")) {
    if (!name.is_string() || handles.size() == kMaxHandlesKept) continue;
    absl::string_view handle = name.get_ref<const std::string&>();
    if (absl::ConsumePrefix(&handle, "at://") && IsValidHandle(handle)) {
      handles.push_back(absl::AsciiStrToLower(handle));
    }
  }
  return handles;
}

std::string ReadPds(const nlohmann::json& document, absl::string_view did) {
  for (const nlohmann::json& service : ArrayIn(document, "service")) {
    const std::string* id = FindString(service, "id");
    const std::string* type = FindString(service, "type");
    if (id == nullptr || type == nullptr || *type != "AtprotoPersonalDataServer") continue;
    if (*id != "#atproto_pds" && *id != absl::StrCat(did, "#atproto_pds")) continue;
    const std::string* endpoint = FindString(service, "serviceEndpoint");
    return endpoint == nullptr || endpoint->size() > kMaxPdsBytes ? "" : *endpoint;
  }
  return "";
}

}  // namespace

absl::StatusOr<DidDocument> ParseDidDocument(absl::string_view did, absl::string_view json) {
  const absl::StatusOr<nlohmann::json> document = ParseStrictJson(json, kDocumentLimits);
  if (!document.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("DID document: ", document.status().message()));
  }
  const std::string* id = FindString(*document, "id");
  if (id == nullptr || *id != did) return absl::InvalidArgumentError("DID document: not about this DID");

  int candidates = 0;
  for (const nlohmann::json& method : ArrayIn(*document, "verificationMethod")) {
    if (!IsAtprotoMethod(method, did)) continue;
    if (++candidates > kMaxCandidates) break;
    absl::StatusOr<SigningKey> key = ReadKey(method);
    if (!key.ok()) continue;
    return DidDocument{std::string(did), *std::move(key), ReadHandles(*document), ReadPds(*document, did)};
  }
  return absl::InvalidArgumentError("DID document: no usable #atproto key");
}

}  // namespace tokens
