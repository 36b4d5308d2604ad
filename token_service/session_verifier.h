#ifndef TOKEN_SERVICE_SESSION_VERIFIER_H_
#define TOKEN_SERVICE_SESSION_VERIFIER_H_

#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/session_store.h"
#include "token_service/base/clock.h"
#include "token_service/policy_file.h"
#include "token_service/session_keys.h"
#include "token_service/session_tokens.h"
#include "token_service/token_verifier.h"

namespace tokens {

// Why a JWT of a session does not hold. The default is a refusal that tells nothing.
struct SessionRefusal {
  SessionFault fault = SessionFault::kInvalid;
  storage::AccountStatus account_status = storage::AccountStatus::kActive;  // With kAccountInactive.
};

// FAILED_PRECONDITION, SESSIONS_OFF: the service has no signing keys.
absl::Status SessionsOff();

// True unless the session is bound to a DPoP key other than `dpop_jkt`. A session that is bound to none takes any.
bool KeyFits(const storage::SessionRecord& session, absl::string_view dpop_jkt);

// What an access JWT is worth. Thread-safe; reads the store once.
//
// A session may be bound to a DPoP key. Its access JWT then holds only together with the thumbprint of a key whose
// proof the caller has verified for this very request: without one, a stolen JWT would be as good as a bearer token.
class SessionVerifier {
 public:
  // All must outlive this. `audience`: our service's DID.
  SessionVerifier(storage::SessionStore& store, const SessionKeyFiles& keys, const PolicyFile& policy,
                  std::string audience, Clock& clock)
      : store_(store), keys_(keys), policy_(policy), audience_(std::move(audience)), clock_(clock) {}

  // The session of an access JWT that holds; its account is active or deactivated. FAILED_PRECONDITION (SessionsOff)
  // without keys.
  using Result = std::variant<SessionRefusal, storage::SessionRecord>;
  absl::StatusOr<Result> GetSession(absl::string_view access_jwt, absl::string_view dpop_jkt);

  // The answer of TokenService.Validate for an access JWT: as TokenVerifier::Verify, so a deactivated account is
  // refused too, and `method` must be one of the session policy's. The record is one as of a widget token, with
  // profile kSessionProfile and the session's id as token id. Without keys every JWT is malformed.
  absl::StatusOr<Verdict> Verify(absl::string_view access_jwt, absl::string_view method, absl::string_view dpop_jkt);

 private:
  storage::SessionStore& store_;
  const SessionKeyFiles& keys_;
  const PolicyFile& policy_;
  const std::string audience_;
  Clock& clock_;
};

// True for text that can be a JWT and cannot be a widget token, whose alphabet has no dot.
bool LooksLikeJwt(absl::string_view token);

}  // namespace tokens

#endif  // TOKEN_SERVICE_SESSION_VERIFIER_H_
