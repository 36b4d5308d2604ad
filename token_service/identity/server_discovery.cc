#include "token_service/identity/server_discovery.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "token_service/identity/handle.h"

namespace tokens {
namespace {

using Outcome = DiscoveryStep::Outcome;

constexpr char kHandleSyntax[] = "handle_syntax";
constexpr char kHandleDns[] = "handle_dns";
constexpr char kHandleHttps[] = "handle_https";
constexpr char kDidDocument[] = "did_document";
constexpr char kHandleConfirmed[] = "handle_confirmed";
constexpr char kPds[] = "pds";
constexpr char kResourceMetadata[] = "resource_metadata";
constexpr char kServerMetadata[] = "server_metadata";

absl::Status CheckPds(const std::string& pds, WebHosts hosts) {
  if (pds.empty()) return absl::FailedPreconditionError("pds_missing: the document names no personal data server");
  if (IsOrigin(hosts, pds)) return absl::OkStatus();
  return absl::FailedPreconditionError("pds_origin: its endpoint must be a bare https origin");
}

absl::Status CheckClaim(const DidDocument& document, const std::string& handle) {
  const auto& claimed = document.handles;
  if (std::find(claimed.begin(), claimed.end(), handle) != claimed.end()) return absl::OkStatus();
  return absl::FailedPreconditionError("handle_not_claimed: alsoKnownAs of the document does not list the handle");
}

absl::Status CheckLeadsTo(const absl::StatusOr<std::string>& did, const std::string& wanted) {
  if (!did.ok()) return did.status();
  if (*did == wanted) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("handle_of_another: it leads to ", *did));
}

absl::Status DidError(const absl::Status& status) {
  if (status.ok()) return status;
  const bool unusable = absl::IsNotFound(status);
  return absl::Status(status.code(), absl::StrCat(unusable ? "did_unusable: " : "did_unavailable: ", status.message()));
}

Outcome OutcomeOf(const absl::Status& status) {
  if (status.ok()) return Outcome::kOk;
  const bool told = absl::IsNotFound(status) || absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status);
  return told ? Outcome::kFailed : Outcome::kUnreachable;
}

}  // namespace

// The steps of a discovery, in their order whatever the order in which they are taken.
class ServerDiscovery::StepList {
 public:
  explicit StepList(std::vector<DiscoveryStep>& steps) : steps_(steps) {
    for (const char* name : {kHandleSyntax, kHandleDns, kHandleHttps, kDidDocument, kHandleConfirmed, kPds,
                             kResourceMetadata, kServerMetadata}) {
      steps_.push_back({name, Outcome::kSkipped, "not reached"});
    }
  }

  void Skip(absl::string_view name, absl::string_view why) { Set(name, Outcome::kSkipped, why); }

  // OK with what was found, or failed with the text of `status`. Returns which.
  bool Take(absl::string_view name, const absl::Status& status, absl::string_view found) {
    Set(name, OutcomeOf(status), status.ok() ? found : status.message());
    return status.ok();
  }

  // Both ways to look a handle up: that one has nothing to say is no failure where the other has.
  void TakeHandle(const HandleAnswer& answer) {
    TakeWay(kHandleDns, answer.dns, answer.did.ok());
    TakeWay(kHandleHttps, answer.https, answer.did.ok());
  }

 private:
  void TakeWay(absl::string_view name, const absl::StatusOr<std::string>& did, bool found) {
    if (absl::IsCancelled(did.status()) || (found && absl::IsNotFound(did.status()))) {
      Skip(name, did.status().message());
    } else {
      Take(name, did.status(), did.ok() ? *did : "");
    }
  }

  void Set(absl::string_view name, Outcome outcome, absl::string_view detail) {
    for (DiscoveryStep& step : steps_) {
      if (step.name != name) continue;
      step.outcome = outcome;
      step.detail = std::string(detail);
    }
  }

  std::vector<DiscoveryStep>& steps_;
};

ServerDiscovery::ServerDiscovery(ResolveDid resolve_did, ResolveHandle resolve_handle, AuthServerFinder& servers,
                                 WebHosts hosts)
    : resolve_did_(std::move(resolve_did)),
      resolve_handle_(std::move(resolve_handle)),
      servers_(servers),
      hosts_(hosts) {}

Discovery ServerDiscovery::Discover(absl::string_view handle_or_did) const {
  Discovery found;
  StepList steps(found.steps);
  const bool by_did = absl::StartsWith(handle_or_did, "did:");
  if (by_did) {
    found.did = std::string(handle_or_did);
  } else if (!FollowHandle(handle_or_did, steps, found)) {
    return found;
  }
  const absl::StatusOr<DidDocument> document = resolve_did_(found.did, Freshness::kCached);
  if (!steps.Take(kDidDocument, DidError(document.status()), found.did)) return found;
  if (by_did) {
    ConfirmClaimedHandle(*document, steps, found);
  } else if (!steps.Take(kHandleConfirmed, CheckClaim(*document, found.handle), found.handle)) {
    found.handle = kInvalidHandle;
    return found;
  }
  FollowServers(document->pds, steps, found);
  return found;
}

bool ServerDiscovery::FollowHandle(absl::string_view text, StepList& steps, Discovery& found) const {
  const absl::StatusOr<std::string> handle = ParseHandle(text, hosts_);
  if (!steps.Take(kHandleSyntax, handle.status(), handle.ok() ? *handle : "")) return false;
  const HandleAnswer answer = resolve_handle_(*handle);
  steps.TakeHandle(answer);
  if (!answer.did.ok()) return false;
  found.handle = *handle;
  found.did = *answer.did;
  return true;
}

void ServerDiscovery::ConfirmClaimedHandle(const DidDocument& document, StepList& steps, Discovery& found) const {
  found.handle = kInvalidHandle;
  if (document.handles.empty()) {
    steps.Take(kHandleConfirmed, absl::FailedPreconditionError("handle_missing: the document claims no handle"), "");
    return;
  }
  const absl::StatusOr<std::string> handle = ParseHandle(document.handles.front(), hosts_);
  if (!steps.Take(kHandleSyntax, handle.status(), handle.ok() ? *handle : "")) return;
  const HandleAnswer answer = resolve_handle_(*handle);
  steps.TakeHandle(answer);
  const absl::Status confirmed = CheckLeadsTo(answer.did, found.did);
  if (steps.Take(kHandleConfirmed, confirmed, *handle)) found.handle = *handle;
  if (OutcomeOf(confirmed) == Outcome::kUnreachable) found.handle.clear();
}

void ServerDiscovery::FollowServers(const std::string& pds, StepList& steps, Discovery& found) const {
  if (!steps.Take(kPds, CheckPds(pds, hosts_), pds)) return;
  found.pds = pds;
  const AuthServer server = servers_.Find(pds);
  if (server.pds_itself) {
    steps.Skip(kResourceMetadata, "the PDS has none, so it is taken for its own authorization server");
  } else if (!steps.Take(kResourceMetadata, server.resource, server.issuer)) {
    return;
  }
  if (steps.Take(kServerMetadata, server.server, server.issuer)) found.issuer = server.issuer;
}

absl::StatusOr<std::string> FindIssuer(const std::string& did, Freshness freshness, const ResolveDid& resolve_did,
                                       AuthServerFinder& servers, WebHosts hosts) {
  const absl::StatusOr<DidDocument> document = resolve_did(did, freshness);
  if (!document.ok()) return document.status();
  if (absl::Status usable = CheckPds(document->pds, hosts); !usable.ok()) return usable;
  AuthServer server = servers.Find(document->pds);
  if (!server.resource.ok()) return server.resource;
  if (!server.server.ok()) return server.server;
  return std::move(server.issuer);
}

}  // namespace tokens
