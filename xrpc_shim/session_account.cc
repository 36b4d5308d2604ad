#include "xrpc_shim/session_account.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;
using Json = nlohmann::ordered_json;

constexpr char kNoHandle[] = "handle.invalid";

void AddStatus(pb::Account::Status status, Json* account) {
  (*account)["active"] = status == pb::Account::ACTIVE;
  switch (status) {
    case pb::Account::DEACTIVATED: (*account)["status"] = "deactivated"; break;
    case pb::Account::TAKENDOWN: (*account)["status"] = "takendown"; break;
    case pb::Account::SUSPENDED: (*account)["status"] = "suspended"; break;
    default: break;
  }
}

}  // namespace

Json DidDocumentOf(const DidDocument& document) {
  const std::string did_key = document.signing_key.ToDidKey();
  Json names = Json::array();
  if (!document.handles.empty()) names.push_back(absl::StrCat("at://", document.handles.front()));
  const Json method = {{"id", absl::StrCat(document.did, "#atproto")},
                       {"type", "Multikey"},
                       {"controller", document.did},
                       {"publicKeyMultibase", std::string(absl::StripPrefix(did_key, "did:key:"))}};
  return {{"@context", Json::array({"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"})},
          {"id", document.did},
          {"alsoKnownAs", names},
          {"verificationMethod", Json::array({method})}};
}

Json DescribeAccount(const std::string& did, pb::Account::Status status, const absl::StatusOr<DidDocument>& document) {
  const bool has_handle = document.ok() && !document->handles.empty();
  Json account = {{"handle", has_handle ? document->handles.front() : kNoHandle}, {"did", did}};
  if (document.ok()) account["didDoc"] = DidDocumentOf(*document);
  account["emailConfirmed"] = false;
  AddStatus(status, &account);
  return account;
}

}  // namespace tokens::xrpc
