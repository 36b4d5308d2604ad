#ifndef TOKEN_SERVICE_SESSION_TOKENS_H_
#define TOKEN_SERVICE_SESSION_TOKENS_H_

#include <array>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/session_record.h"
#include "token_service/base/random.h"
#include "token_service/session_keys.h"

namespace tokens {

// The two JWTs of a session. Their form is that of the reference PDS
// (packages/pds/src/account-manager/helpers/auth.ts), except that they are signed with a key pair and carry `sid`, the
// session, in hex:
//   access   typ at+jwt       scope com.atproto.access    aud sub sid iat exp
//   refresh  typ refresh+jwt  scope com.atproto.refresh   aud sub sid jti iat exp
enum class SessionTokenKind { kAccess, kRefresh };

// What such a JWT says.
struct SessionClaims {
  std::string did;
  storage::SessionId session;
  storage::RefreshId refresh;  // Of a refresh token.
  absl::Time issue_time;       // Whole seconds, both.
  absl::Time expire_time;
};

// Why a JWT is refused.
enum class SessionFault { kInvalid, kExpired, kRevoked, kAccountInactive, kMissingTokenId, kDpopKeyMismatch };

// What checking a JWT by itself yields.
struct CheckedToken {
  // Unset if it holds as far as it can tell. kInvalid, kExpired or kMissingTokenId.
  std::optional<SessionFault> fault = SessionFault::kInvalid;
  SessionClaims claims;  // Believable with no fault, and with kExpired.
};

// Signed by the first of `keys`, which must not be empty. `audience` is our service's DID. INTERNAL if signing fails.
absl::StatusOr<std::string> MakeSessionToken(SessionTokenKind kind, const SessionClaims& claims,
                                             const SessionKeys& keys, const std::string& audience);

// Checks everything that needs no store: signature by the one of `keys` that the header names, `typ`, `aud`, the form
// of all claims, `scope`, that a refresh token has a `jti`, and last `exp`, of which the very instant is past. As in
// the reference (pds/src/auth-verifier.ts) an expired token of the wrong `typ` or `aud` is invalid, not expired.
// Stricter than it: JSON must be strict and at most 4 KiB, every claim of its type, and of what is malformed nothing is
// said but that. Claims of other protocols (`cnf`, `lxm`) are refused. A future `iat` is not: it is what a stepped
// clock leaves behind, and refusing it would end sessions.
CheckedToken CheckSessionToken(absl::string_view jwt, SessionTokenKind kind, const SessionKeys& keys,
                               const std::string& audience, absl::Time now);

// Lower-case hex.
std::string ToHex(const storage::SessionId& id);

// A fresh id. UNAVAILABLE if `random` fails.
template <typename Id>
absl::StatusOr<Id> GenerateId(Random& random) {
  std::array<uint8_t, Id::kSize> bytes;
  if (absl::Status status = random.Fill(absl::MakeSpan(bytes)); !status.ok()) return status;
  return Id(bytes);
}

}  // namespace tokens

#endif  // TOKEN_SERVICE_SESSION_TOKENS_H_
