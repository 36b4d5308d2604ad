#ifndef STORAGE_SESSION_STORE_H_
#define STORAGE_SESSION_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/audit_entry.h"
#include "storage/session_record.h"

namespace tokens::storage {

// A session to begin, with its first refresh token, which expires when the record says the session does.
struct NewSession {
  SessionRecord record;  // ended false, account_status kActive.
  RefreshId first;
  // Refuse when the DID already holds this many live sessions: neither ended nor expired at record.create_time. Zero or
  // less refuses always.
  int max_live = 0;
  Actor by;  // Who asked, for the audit.
};

// What became of a NewSession. Unless kBegun, nothing changed. Where several apply, the one named first here wins.
struct BeginOutcome {
  enum class Kind {
    kAccountInactive,  // Taken down or suspended. A deactivated account may begin sessions: so it comes back.
    kLiveLimitReached,
    kIdExists,
    kBegun,
  };
  Kind kind = Kind::kAccountInactive;
  AccountStatus account_status = AccountStatus::kActive;
};

// The refresh token `current` of a session is presented at `now`.
struct Rotation {
  SessionId session;
  std::string did;  // Whose session it must be.
  RefreshId current;
  absl::Time now;
  RefreshId successor;               // To be the successor, if it has none yet. Never used before.
  absl::Time successor_expire_time;  // Of that successor, if it is made.
  absl::Duration grace;              // How much longer `current` holds at most, from its first use. Not negative.
};

// What a Rotation yields.
struct RotateOutcome {
  enum class Kind {
    kAccountInactive,  // Taken down or suspended, whatever the session is.
    kNotHeld,          // No such session or token, another account's, ended, expired, or past its grace.
    kRotated,
  };
  Kind kind = Kind::kNotHeld;
  AccountStatus account_status = AccountStatus::kActive;
  // With kRotated.
  RefreshId successor = {};
  absl::Time successor_expire_time = {};
};

// Durable sessions and their refresh tokens, of the same accounts as a TokenStore's: it shares their status, and
// TokenStore::RevokeAll ends every session of the account begun before it.
//
// The refresh tokens of a session form a chain. Rotating is convergent: the first use of a token makes its successor
// and cuts its own life to `grace` from then; every later use within that time, however many at once, yields the same
// successor and changes nothing. A chain therefore never forks, and a client that lost a reply asks again. Presenting
// a token whose successor has been rotated too still yields that successor, with what is left of its grace (as in the
// reference PDS, packages/pds/src/account-manager: rotateRefreshToken).
//
// Thread-safety, durability, time and errors as for TokenStore, whose Sweep forgets sessions and refresh tokens too:
// those that ended before the cutoff for tokens. What is forgotten is not held.
class SessionStore {
 public:
  virtual ~SessionStore() = default;

  virtual absl::StatusOr<BeginOutcome> Begin(const NewSession& session) = 0;

  // INVALID_ARGUMENT if `successor` is the id of another refresh token of the session.
  virtual absl::StatusOr<RotateOutcome> Rotate(const Rotation& rotation) = 0;

  // A copy, with `ended` and account_status as of now. NOT_FOUND if never begun or swept; ended and expired sessions
  // are still returned.
  virtual absl::StatusOr<SessionRecord> FindSession(const SessionId& id) = 0;

  // Ends the session with all its refresh tokens; the first call wins. True if this call ended it, expired or not;
  // false if it had ended, by itself or with its account, or is not there.
  virtual absl::StatusOr<bool> EndSession(const SessionId& id, absl::Time at, const Actor& by) = 0;
};

}  // namespace tokens::storage

#endif  // STORAGE_SESSION_STORE_H_
