#ifndef STORAGE_STORED_SESSION_CODEC_H_
#define STORAGE_STORED_SESSION_CODEC_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/session_record.h"

namespace tokens::storage {

// As stored_token_codec.h, for sessions.

// A session as it is stored: what follows from its account is not folded in yet.
struct SessionEntry {
  SessionRecord record;                // `ended` is false here.
  std::optional<absl::Time> end_time;  // When it ended by itself.
  uint64_t account_generation = 0;     // Ended with its account when the account's generation is greater.
};

// A refresh token as it is stored.
struct RefreshEntry {
  absl::Time expire_time;
  std::optional<RefreshId> next;  // Its successor; unset until it is first used.
};

std::string EncodeSession(const SessionEntry& entry);
std::string EncodeRefresh(const RefreshEntry& entry);

// The id is the record's key and not part of the bytes.
absl::StatusOr<SessionEntry> DecodeSession(const SessionId& id, const std::string& bytes);
absl::StatusOr<RefreshEntry> DecodeRefresh(const std::string& bytes);

}  // namespace tokens::storage

#endif  // STORAGE_STORED_SESSION_CODEC_H_
