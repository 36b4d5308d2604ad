#include "xrpc_shim/signing_keys_handler.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "xrpc_shim/session_error.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {

namespace pb = ::didpic::token::v1;

absl::StatusOr<std::string> SigningKeysHandler::KeySet(const HttpRequest& request) {
  const absl::Time now = clock_.Now();
  {
    MutexLock lock(mutex_);
    // The distance, whichever way the clock went: one set back must not keep an old set alive.
    if (absl::AbsDuration(now - fetched_at_) < kSigningKeysAge) return key_set_;
  }
  absl::StatusOr<pb::ListSigningKeysResponse> keys =
      tokens_.ListSigningKeys(pb::ListSigningKeysRequest(), {request.deadline, request.request_id, request.trace});
  if (!keys.ok()) return keys.status();
  MutexLock lock(mutex_);
  key_set_ = std::move(*keys->mutable_jwk_set_json());
  fetched_at_ = now;
  return key_set_;
}

HttpResponse SigningKeysHandler::Handle(const HttpRequest& request) {
  absl::StatusOr<std::string> key_set = KeySet(request);
  if (!key_set.ok()) {
    absl::Status error = FromSessionService(key_set.status());
    if (error.code() == absl::StatusCode::kUnimplemented) error = XrpcError(XrpcErrorName::kXrpcNotSupported);
    return ErrorResponse(error, request.request_id);
  }
  HttpResponse response;
  response.status = 200;
  response.headers.emplace_back("Cache-Control",
                                absl::StrCat("public, max-age=", absl::ToInt64Seconds(kSigningKeysAge)));
  response.body = *std::move(key_set);
  return response;
}

}  // namespace tokens::xrpc
