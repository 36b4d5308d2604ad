#include "xrpc_shim/routes.h"

#include "absl/strings/match.h"
#include "token_service/base/own_methods.h"
#include "xrpc_shim/dpop_proof.h"
#include "xrpc_shim/health_handler.h"
#include "xrpc_shim/well_known.h"

namespace tokens::xrpc {
namespace {

template <typename Handler>
XrpcHandler Calling(const Handler& handler, RateGate& rates) {
  return rates.Guard([&handler](const XrpcCall& call) { return handler.Handle(call); });
}

}  // namespace

Routes::Routes(const ShimConfig& config, TokenClient& client, AccountLookup& accounts,
               const ViewerAuthentication& authentication, RateGate& rates, Clock& clock)
    : mint_(authentication.viewers(), client, accounts.find_client()),
      list_(authentication.viewers(), client),
      revoke_(authentication.viewers(), client),
      revoke_all_(authentication.viewers(), client),
      sessions_(DpopVerifier(config.public_url, authentication.nonces()), client, accounts.resolve_did(), rates, clock),
      signing_keys_(client, clock) {
  AddPages(config, client);
  AddTokenMethods(rates);
  AddSessionMethods(rates);
}

void Routes::AddPages(const ShimConfig& config, TokenClient& client) {
  const ServiceIdentity identity{ServiceDid(config), config.service_id, config.service_type, config.public_url};
  router_.AddPlain("/", [](const HttpRequest&) { return IndexResponse(); });
  router_.AddPlain("/robots.txt", [](const HttpRequest&) { return RobotsResponse(); });
  router_.AddPlain("/xrpc/_health", [&client](const HttpRequest& request) { return HealthResponse(client, request); });
  if (absl::StartsWith(identity.did, "did:web:")) {
    router_.AddPlain("/.well-known/did.json", [identity](const HttpRequest&) { return DidDocumentResponse(identity); });
  }
}

void Routes::AddTokenMethods(RateGate& rates) {
  router_.AddMethod(kMintWidgetToken, XrpcKind::kProcedure, Calling(mint_, rates));
  router_.AddMethod(kListWidgetTokens, XrpcKind::kQuery, Calling(list_, rates));
  router_.AddMethod(kRevokeWidgetToken, XrpcKind::kProcedure, Calling(revoke_, rates));
  router_.AddMethod(kRevokeAllWidgetTokens, XrpcKind::kProcedure, Calling(revoke_all_, rates));
}

void Routes::AddSessionMethods(RateGate& rates) {
  router_.AddPlain("/.well-known/jwks.json",
                   [this](const HttpRequest& request) { return signing_keys_.Handle(request); });
  const auto add = [&](const char* nsid, XrpcKind kind,
                       HttpResponse (SessionHandlers::*handle)(const XrpcCall&) const) {
    router_.AddMethod(nsid, kind,
                      rates.Guard([this, handle](const XrpcCall& call) { return (sessions_.*handle)(call); }));
  };
  add(kRefreshSession, XrpcKind::kProcedure, &SessionHandlers::Refresh);
  add(kGetSession, XrpcKind::kQuery, &SessionHandlers::Get);
  add(kDeleteSession, XrpcKind::kProcedure, &SessionHandlers::Delete);
}

}  // namespace tokens::xrpc
