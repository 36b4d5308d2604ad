#ifndef STORAGE_TOKEN_STORE_H_
#define STORAGE_TOKEN_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/account.h"
#include "storage/audit_entry.h"
#include "storage/token_record.h"

namespace tokens::storage {

// A key that its account may use once until it expires.
struct OneTimeKey {
  std::string key;         // Not empty, any bytes. Scoped by DID and by kind.
  absl::Time expire_time;  // From then on the key counts as unused.
};

// A token to insert, and under which conditions.
struct NewToken {
  TokenRecord record;  // revoke_time and last_use_time unset, account_status kActive.
  absl::Time now;      // Decides what counts as live and what as expired.
  // Refuse when the DID already holds this many live tokens of this profile: neither revoked nor expired at `now`. Zero
  // or less refuses always.
  int max_live = 0;
  std::optional<OneTimeKey> idempotency_key;
  std::optional<OneTimeKey> single_use_id;
  Actor by;  // Who asked, for the audit.
};

// What became of a NewToken. Unless kInserted, nothing changed. Where several apply, the one named first here wins.
struct InsertOutcome {
  enum class Kind {
    kAccountInactive,     // `account_status` says why.
    kIdempotencyKeyUsed,  // `earlier` is the token that was inserted under it.
    kSingleUseIdSeen,
    kLiveLimitReached,
    kDigestExists,
    kInserted,
  };
  Kind kind;
  std::optional<TokenDigest> earlier;
  AccountStatus account_status = AccountStatus::kActive;
};

// Where a page of List begins: after the token with this issue time and digest.
struct ListCursor {
  absl::Time issue_time;
  TokenDigest digest;

  friend bool operator==(const ListCursor&, const ListCursor&) = default;
};

// A part of an account's tokens. `next` is unset at the end.
struct ListPage {
  std::vector<TokenRecord> records;
  std::optional<ListCursor> next;
};

// That a token was used.
struct TokenUse {
  TokenDigest digest;
  absl::Time at;
};

// What Sweep may forget.
struct SweepCutoffs {
  absl::Time tokens_ended;           // Tokens and sessions that expired, or ended by themselves, before this.
  absl::Time one_time_keys_expired;  // One-time keys that expired before this.
  // absl::InfinitePast() forgets nothing more.
};

// Durable map from token digest to TokenRecord.
//
// Thread-safe; each method is one atomic change, and a read sees every write that returned before it began.
// Durable: once a write returns OK it survives a crash or power loss. RecordUses promises less of both.
// Time: the store has no clock; callers pass the instant that matters (UTC, truncated to microseconds). Which of two
// writes came first is decided by the order of the calls, never by the instants in them.
// Calls may block on the disk. Reads never wait for writes.
// Errors: any method may return UNAVAILABLE (could not tell; retry is safe) or DATA_LOSS (a record is damaged; retry is
// useless). A write may return RESOURCE_EXHAUSTED while the disk is nearly full; reads go on. INVALID_ARGUMENT, and
// nothing changed, for an argument that breaks a rule written here or in token_record.h; an instant that would be kept
// must be finite and in whole microseconds.
// Audit: Insert, Revoke, RevokeAll and SetAccountStatus leave one record (audit_log.h) of what they changed, in the
// same atomic change; where nothing changed there is none.
class TokenStore {
 public:
  virtual ~TokenStore() = default;

  // Adds a token under the conditions named in it.
  virtual absl::StatusOr<InsertOutcome> Insert(const NewToken& token) = 0;

  // A copy, with revocation by account folded into revoke_time and the account's status filled in. NOT_FOUND if never
  // inserted or swept; expired and revoked records are still returned.
  virtual absl::StatusOr<TokenRecord> Find(const TokenDigest& digest) = 0;

  // The digest whose first 16 bytes are `token_id_bytes`. NOT_FOUND as for Find.
  virtual absl::StatusOr<TokenDigest> FindById(const std::string& token_id_bytes) = 0;

  // Revokes one token; the first call wins. True if this call revoked it (expired or not), false if it was already
  // revoked, by itself or with its account, or is not there.
  virtual absl::StatusOr<bool> Revoke(const TokenDigest& digest, absl::Time at, const Actor& by) = 0;

  // Revokes every token of `did` inserted before this call, whatever its times, and none inserted after; ends its
  // sessions alike (session_store.h). One write however many there are. Returns how many tokens that were neither
  // revoked nor expired at `at` it ended; sessions are not counted.
  virtual absl::StatusOr<int> RevokeAll(const std::string& did, absl::Time at, const Actor& by) = 0;

  // Moves last_use_time of each of these tokens forward, never back, and changes nothing else of it: it revives none
  // and keeps none longer. Skips what is not there. One atomic change for each token; on an error some may have been
  // recorded, and all may be recorded again. Survives a crash of the program once it returns OK, a power loss only
  // with the next other write: nobody should have to wait for the disk because a token was used.
  virtual absl::Status RecordUses(const std::vector<TokenUse>& uses) = 0;

  // Gives the account this status from `at` on; false, and nothing changes, if it has it already. Its tokens stay as
  // they are, and hold again once the account is active.
  virtual absl::StatusOr<bool> SetAccountStatus(const std::string& did, AccountStatus status, absl::Time at,
                                                const Actor& by) = 0;

  // An account never heard of is the default one.
  virtual absl::StatusOr<Account> FindAccount(const std::string& did) = 0;

  // Tokens of `did`, newest first (ties by digest, descending), at most `limit` (positive), beginning after `after`.
  virtual absl::StatusOr<ListPage> List(const std::string& did, const std::optional<ListCursor>& after, int limit) = 0;

  // Forgets what is past the cutoffs: from now on it is as if it had never been there. Cutoffs never move back. Space
  // is freed in the background. A token revoked only with its account is kept until it has expired.
  virtual absl::Status Sweep(const SweepCutoffs& cutoffs) = 0;
};

}  // namespace tokens::storage

#endif  // STORAGE_TOKEN_STORE_H_
