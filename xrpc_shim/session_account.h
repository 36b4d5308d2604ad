#ifndef XRPC_SHIM_SESSION_ACCOUNT_H_
#define XRPC_SHIM_SESSION_ACCOUNT_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "didpic/token/v1/admin_service.pb.h"
#include "token_service/identity/did_document.h"

namespace tokens::xrpc {

// What com.atproto.server.refreshSession and getSession tell of an account beside its JWTs:
//   handle          the first of its DID document's, as claimed there; "handle.invalid" without one, as the reference
//                   has it
//   did
//   didDoc          see DidDocumentOf; left out if `document` is an error: a directory that is down ends no session
//   emailConfirmed  always false: an AppView knows of no email. It is there because clients that miss it ask again by
//                   getSession
//   active, status  `status` is left out for an active account
nlohmann::ordered_json DescribeAccount(const std::string& did, didpic::token::v1::Account::Status status,
                                       const absl::StatusOr<DidDocument>& document);

// The account's DID document with its id, its first handle and its signing key. It names no service on purpose: the
// reference clients send every further call, our access JWT with it, to the personal data server of a didDoc, where
// these sessions do not hold and whose operator must not have them.
nlohmann::ordered_json DidDocumentOf(const DidDocument& document);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SESSION_ACCOUNT_H_
