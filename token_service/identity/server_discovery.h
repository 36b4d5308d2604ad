#ifndef TOKEN_SERVICE_IDENTITY_SERVER_DISCOVERY_H_
#define TOKEN_SERVICE_IDENTITY_SERVER_DISCOVERY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/identity/auth_server_finder.h"
#include "token_service/identity/did_resolver.h"
#include "token_service/identity/handle_resolver.h"

namespace tokens {

// One step of a discovery and what came of it.
struct DiscoveryStep {
  enum class Outcome {
    kOk,
    kFailed,       // A rule is broken: it will not get better by itself.
    kUnreachable,  // Could not tell: a host did not answer as it should.
    kSkipped,
  };

  std::string name;  // Stable: handle_syntax, handle_dns, handle_https, did_document, handle_confirmed, pds,
                     // resource_metadata or server_metadata, in this order.
  Outcome outcome = Outcome::kSkipped;
  std::string detail;  // What was found; why not, beginning with the id of the broken rule; or why it was skipped.
};

// What is known of an account after the steps; all members but `steps` are empty where they were not reached.
struct Discovery {
  std::vector<DiscoveryStep> steps;  // All of them, always.
  std::string did;
  std::string handle;  // Both ways; kInvalidHandle if the document claims none that leads back to it.
  std::string pds;
  std::string issuer;  // Only if every step from `pds` on is OK.
};

// HandleResolver::Resolve, as a value.
using ResolveHandle = std::function<HandleAnswer(const std::string& handle)>;

// From an account to the server that issues its OAuth tokens (https://atproto.com/specs/oauth#identity-authentication).
// Keeps nothing itself. Thread-safe; blocks for as long as its parts may.
class ServerDiscovery {
 public:
  // `servers` and whatever the functions refer to must outlive this. `hosts` as for `servers`.
  ServerDiscovery(ResolveDid resolve_did, ResolveHandle resolve_handle, AuthServerFinder& servers, WebHosts hosts);

  // Every step, for people. A handle is followed only if the DID's document claims it. From a DID the chain goes on
  // when the handle it claims does not lead back to it: then the handle is invalid, the account is not.
  Discovery Discover(absl::string_view handle_or_did) const;

 private:
  class StepList;

  bool FollowHandle(absl::string_view text, StepList& steps, Discovery& found) const;
  void ConfirmClaimedHandle(const DidDocument& document, StepList& steps, Discovery& found) const;
  void FollowServers(const std::string& pds, StepList& steps, Discovery& found) const;

  const ResolveDid resolve_did_;
  const ResolveHandle resolve_handle_;
  AuthServerFinder& servers_;
  const WebHosts hosts_;
};

// The issuer of the account's tokens, in short: no handles. `freshness` is that of the DID document.
// NOT_FOUND or FAILED_PRECONDITION: it can be told that there is none. UNAVAILABLE or DEADLINE_EXCEEDED: could not
// tell.
absl::StatusOr<std::string> FindIssuer(const std::string& did, Freshness freshness, const ResolveDid& resolve_did,
                                       AuthServerFinder& servers, WebHosts hosts);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_SERVER_DISCOVERY_H_
