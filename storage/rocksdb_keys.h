#ifndef STORAGE_ROCKSDB_KEYS_H_
#define STORAGE_ROCKSDB_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/session_record.h"
#include "storage/token_digest.h"
#include "storage/token_store.h"

namespace tokens::storage {

// Keys of RocksDbTokenStore's column families (frozen: they are on disk). RocksDB orders keys bytewise, so integers are
// big-endian and what comes before a variable part ends with NUL, which neither DIDs nor profiles contain. Pure
// functions; the arguments keep the rules of token_rules.h.

// 8 bytes in the order of time; whole microseconds, floored. Infinite times sort first and last.
std::string EncodeTime(absl::Time time);
// Nothing unless `bytes` has 8 bytes.
std::optional<absl::Time> DecodeTime(absl::string_view bytes);

// `tokens`: the digest → StoredToken.
inline std::string TokenKey(const TokenDigest& digest) { return std::string(digest.bytes()); }

// `accounts`: as it is now, and as it was when raised to `generation` → StoredAccount.
inline const std::string& AccountKey(const std::string& did) { return did; }
std::string AccountHistoryKey(const std::string& did, uint64_t generation);

// `by_did`: DID, NUL, issue time, digest → EncodeTime of the token's end (EndOf). Ascending; List goes backwards.
std::string ByDidPrefix(const std::string& did);
std::string ByDidKey(const std::string& did, const ListCursor& position);
// The position in a key that begins with ByDidPrefix. Nothing if it is not such a key.
std::optional<ListCursor> ParseByDidKey(absl::string_view key, absl::string_view prefix);

// `live`: DID, NUL, account generation, profile, NUL, expire time, digest → nothing. Holds the tokens that were not
// revoked by themselves; those revoked with their account are of a lower generation.
std::string LivePrefix(const std::string& did, uint64_t generation);
std::string LivePrefix(const std::string& did, uint64_t generation, const std::string& profile);
// Where the tokens of `profile` that expire at or after `expire_time` begin.
std::string LivePosition(const std::string& did, uint64_t generation, const std::string& profile,
                         absl::Time expire_time);
std::string LiveKey(const TokenRecord& record, uint64_t generation);
// The expire time in a key of `live`. Nothing if it is not such a key.
std::optional<absl::Time> ExpireTimeOfLiveKey(absl::string_view key);

// `seen`: kind, DID, NUL, key → StoredOneTimeKey.
enum class KeyKind : char { kIdempotencyKey = 'i', kSingleUseId = 's' };
std::string SeenKey(KeyKind kind, const std::string& did, const std::string& key);

// `sessions`, by the first byte of the key:
//   's', session id → StoredSession.
//   'r', session id, refresh id → StoredRefreshToken.
//   'l', DID, NUL, account generation, expire time, session id → nothing. Like `live`, for the sessions that have not
//        ended by themselves.
enum class SessionKeyKind : char { kSession = 's', kRefresh = 'r', kLive = 'l' };
std::string SessionKey(const SessionId& id);
std::string RefreshKey(const SessionId& session, const RefreshId& id);
std::string LiveSessionPrefix(const std::string& did, uint64_t generation);
// Where the sessions that expire at or after `expire_time` begin.
std::string LiveSessionPosition(const std::string& did, uint64_t generation, absl::Time expire_time);
std::string LiveSessionKey(const SessionRecord& record, uint64_t generation);
// The expire time in such a key. Nothing if it is not one.
std::optional<absl::Time> ExpireTimeOfLiveSessionKey(absl::string_view key);

// `audit`: sequence → StoredAudit. `checkpoints`: sequence → StoredCheckpoint.
std::string AuditKey(uint64_t sequence);
// Nothing unless it is such a key.
std::optional<uint64_t> ParseAuditKey(absl::string_view key);

// Whole keys taken apart, for whoever reads a family through. Nothing if it is not such a key.
struct AccountRow {
  std::string did;
  std::optional<uint64_t> generation;  // Of AccountHistoryKey.
};
std::optional<AccountRow> ParseAccountKey(absl::string_view key);
struct ByDidRow {
  std::string did;
  ListCursor position;
};
std::optional<ByDidRow> ParseByDidKey(absl::string_view key);
struct LiveRow {
  std::string did;
  uint64_t generation;
  std::string profile;
  absl::Time expire_time;
  TokenDigest digest;
};
std::optional<LiveRow> ParseLiveKey(absl::string_view key);
// The DID in a key of `seen`.
std::optional<std::string> DidOfSeenKey(absl::string_view key);
std::optional<SessionId> ParseSessionKey(absl::string_view key);
struct RefreshRow {
  SessionId session;
  RefreshId id;
};
std::optional<RefreshRow> ParseRefreshKey(absl::string_view key);
struct LiveSessionRow {
  std::string did;
  uint64_t generation;
  absl::Time expire_time;
  SessionId session;
};
std::optional<LiveSessionRow> ParseLiveSessionKey(absl::string_view key);

// The first key after all those that begin with `prefix`, which is not all 0xff.
std::string AfterPrefix(std::string prefix);

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_KEYS_H_
