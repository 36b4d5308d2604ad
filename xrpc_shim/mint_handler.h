#ifndef XRPC_SHIM_MINT_HANDLER_H_
#define XRPC_SHIM_MINT_HANDLER_H_

#include <functional>
#include <string>
#include <utility>

#include "token_service/client/token_client.h"
#include "token_service/identity/client_directory.h"
#include "xrpc_shim/router.h"
#include "xrpc_shim/viewer_auth.h"

namespace tokens::xrpc {

// What is known of an OAuth client, with the errors of ClientDirectory::Find. Thread-safe; blocks for a short time.
using FindClient = std::function<absl::StatusOr<ClientSummary>(const std::string& client_id)>;

// The procedure app.didpic.identity.mintWidgetToken (xrpc_shim/lexicons): no input, output {token, expiresAt}. Each
// service JWT or DPoP proof mints once: its single-use id goes along with the mint, and the token service refuses the
// second. The optional query parameter `label` (at most 128 bytes of UTF-8 without control characters) names the token
// in lists; it is not in the lexicon, whose callers need not know it.
// The client that an access token was issued to is looked up, so that a list can show its name; whatever comes of that,
// the token is minted. Thread-safe; blocks on the directory, on the client's host and on the token service.
class MintHandler {
 public:
  // `auth` and `tokens` must outlive this.
  MintHandler(const ViewerAuth& auth, TokenClient& tokens, FindClient find_client)
      : auth_(auth), tokens_(tokens), find_client_(std::move(find_client)) {}

  HttpResponse Handle(const XrpcCall& call) const;

 private:
  void DescribeClient(const HttpRequest& http, didpic::token::v1::MintRequest* request) const;

  const ViewerAuth& auth_;
  TokenClient& tokens_;
  const FindClient find_client_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_MINT_HANDLER_H_
