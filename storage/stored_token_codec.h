#ifndef STORAGE_STORED_TOKEN_CODEC_H_
#define STORAGE_STORED_TOKEN_CODEC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/account.h"
#include "storage/token_digest.h"
#include "storage/token_record.h"

namespace tokens::storage {

// Values on disk ⇄ values in memory; the only user of stored_token.proto. Pure functions. Decoding is strict: bytes
// that do not parse, or that break the rules of token_record.h, are DATA_LOSS; the message names the kind of record and
// nothing of what is in it. Encoding takes only what token_rules.h lets through.

// A token as it is stored: what follows from its account is not folded in yet.
struct TokenEntry {
  TokenRecord record;               // revoke_time is the token's own revocation only.
  uint64_t account_generation = 0;  // Revoked with its account when the account's generation is greater.
};

// What is known of an account. The default is an account never revoked and whose status was never set; it is not
// stored.
struct AccountEntry {
  uint64_t generation = 0;     // 0 is never revoked.
  absl::Time revoke_all_time;  // When the generation was raised to this one.
  Account account = {};
};

// What a one-time key was used for.
struct OneTimeKeyEntry {
  absl::Time expire_time;
  TokenDigest token;
};

std::string EncodeToken(const TokenEntry& entry);
std::string EncodeAccount(const AccountEntry& entry);
std::string EncodeOneTimeKey(const OneTimeKeyEntry& entry);

// The digest is the record's key and not part of the bytes.
absl::StatusOr<TokenEntry> DecodeToken(const TokenDigest& digest, const std::string& bytes);
absl::StatusOr<AccountEntry> DecodeAccount(const std::string& bytes);
absl::StatusOr<OneTimeKeyEntry> DecodeOneTimeKey(const std::string& bytes);

}  // namespace tokens::storage

#endif  // STORAGE_STORED_TOKEN_CODEC_H_
