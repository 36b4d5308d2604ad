#ifndef TOKEN_SERVICE_SESSION_ROTATOR_H_
#define TOKEN_SERVICE_SESSION_ROTATOR_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/session_store.h"
#include "token_service/base/clock.h"
#include "token_service/base/random.h"
#include "token_service/policy_file.h"
#include "token_service/session_keys.h"
#include "token_service/session_tokens.h"
#include "token_service/session_verifier.h"

namespace tokens {

// How long a refresh token holds at most after its first use, as in the reference PDS.
inline constexpr absl::Duration kRefreshGrace = absl::Hours(2);

// What kind of client has this `client_id` (not empty), by its metadata document. FAILED_PRECONDITION with reason
// CLIENT_REJECTED and metadata `rule` if the document breaks a rule; UNAVAILABLE if it could not be had.
using ClientLookup = std::function<absl::StatusOr<storage::SessionClient>(const std::string& client_id)>;

// A session to begin.
struct SessionOrder {
  std::string did;
  std::string client_id;   // May be empty: a public client.
  std::string dpop_jkt;    // May be empty: not bound.
  storage::Actor by = {};  // Who asked, for the audit.
};

// What a client holds. Secret; never logged.
struct IssuedSession {
  std::string access_jwt;
  std::string refresh_jwt;
  SessionClaims access;
  SessionClaims refresh;
  storage::AccountStatus account_status = storage::AccountStatus::kActive;
};

// The rules of CreateSession, RefreshSession and DeleteSession. Thread-safe; blocks on the store, and Create on
// `clients`. Every method: FAILED_PRECONDITION (SessionsOff) without keys, and the store's errors.
class SessionRotator {
 public:
  // All must outlive this. `audience`: our service's DID.
  SessionRotator(storage::SessionStore& store, const SessionKeyFiles& keys, const PolicyFile& policy,
                 std::string audience, ClientLookup clients, Clock& clock, Random& random)
      : store_(store),
        keys_(keys),
        policy_(policy),
        audience_(std::move(audience)),
        clients_(std::move(clients)),
        clock_(clock),
        random_(random) {}

  // Errors as in session_service.proto.
  absl::StatusOr<IssuedSession> Create(const SessionOrder& order);

  // Convergent: the refresh JWTs of all calls with one refresh JWT have one `jti` and one `exp`.
  using Refreshed = std::variant<SessionRefusal, IssuedSession>;
  absl::StatusOr<Refreshed> Refresh(absl::string_view refresh_jwt, absl::string_view dpop_jkt);

  // Ends the session of a refresh JWT, whether that is the newest or not, expired or not. A refusal if it proves no
  // session; nothing if the session is no more, for whatever reason.
  absl::StatusOr<std::optional<SessionRefusal>> Delete(absl::string_view refresh_jwt, absl::string_view dpop_jkt,
                                                       const storage::Actor& by);

  // The public keys.
  absl::StatusOr<std::string> ListKeys() const;

 private:
  absl::StatusOr<IssuedSession> Issue(const SessionKeys& keys, const SessionClaims& access,
                                      const SessionClaims& refresh) const;

  storage::SessionStore& store_;
  const SessionKeyFiles& keys_;
  const PolicyFile& policy_;
  const std::string audience_;
  const ClientLookup clients_;
  Clock& clock_;
  Random& random_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_SESSION_ROTATOR_H_
