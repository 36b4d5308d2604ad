#ifndef STORAGE_TOKEN_RULES_H_
#define STORAGE_TOKEN_RULES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/token_record.h"
#include "storage/token_store.h"

namespace tokens::storage {

// The rules every backend applies to what it is given, so that all refuse the same. Pure functions; INVALID_ARGUMENT
// names the field and what is wrong with it, never its value.

// Not empty, no NUL (keys on disk end a DID with NUL).
absl::Status CheckDid(const std::string& did);

// Finite and a whole number of microseconds: it comes back from the disk as it went in.
absl::Status CheckInstant(const char* field, absl::Time instant);

// The rules of token_record.h.
absl::Status CheckRecord(const TokenRecord& record);

// CheckRecord, and those of NewToken.
absl::Status CheckNewToken(const NewToken& token);

// Not empty, an instant that can be kept. `field` is what the text calls it.
absl::Status CheckOneTimeKey(const char* field, const OneTimeKey& key);

// Whole, finite instants.
absl::Status CheckUses(const std::vector<TokenUse>& uses);

// A token id is the first kTokenIdSize bytes of the digest.
inline constexpr size_t kTokenIdSize = 16;
absl::Status CheckTokenId(const std::string& token_id_bytes);

// A page holds at least one record.
absl::Status CheckLimit(int limit);

// When a token ended or will end if its account is left aside: its own revocation or its expiry, whichever is earlier.
// Sweep goes by this. `own_revocation` must not be a revocation folded in from the account.
absl::Time EndOf(absl::Time expire_time, const std::optional<absl::Time>& own_revocation);

}  // namespace tokens::storage

#endif  // STORAGE_TOKEN_RULES_H_
