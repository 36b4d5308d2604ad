#ifndef XRPC_SHIM_SIGNING_KEYS_HANDLER_H_
#define XRPC_SHIM_SIGNING_KEYS_HANDLER_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"
#include "token_service/client/token_client.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// For how long a key set is given without asking the token service again, and for how long others may keep it: a new
// key is known everywhere after twice this time at the latest.
inline constexpr absl::Duration kSigningKeysAge = absl::Minutes(1);

// /.well-known/jwks.json: the public keys of the JWTs of sessions, for whoever checks one by himself (RFC 7517 §5).
// Errors: XRPCNotSupported (404) where there are no sessions here; otherwise as FromTokenService, once the last known
// set is older than kSigningKeysAge.
// Thread-safe; blocks on the token service.
class SigningKeysHandler {
 public:
  // Both must outlive this.
  SigningKeysHandler(TokenClient& tokens, Clock& clock) : tokens_(tokens), clock_(clock) {}

  HttpResponse Handle(const HttpRequest& request);

 private:
  absl::StatusOr<std::string> KeySet(const HttpRequest& request);

  TokenClient& tokens_;
  Clock& clock_;
  Mutex mutex_;
  std::string key_set_ ABSL_GUARDED_BY(mutex_);
  absl::Time fetched_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SIGNING_KEYS_HANDLER_H_
