#include "storage/stored_token_codec.h"

#include <optional>

#include "didpic/token/v1/stored_token.pb.h"
#include "storage/token_rules.h"

namespace tokens::storage {
namespace {

namespace pb = ::didpic::token::v1;

std::string Serialize(const google::protobuf::MessageLite& message) {
  std::string bytes;
  message.AppendToString(&bytes);
  return bytes;
}

}  // namespace

std::string EncodeToken(const TokenEntry& entry) {
  pb::StoredToken stored;
  stored.set_did(entry.record.did);
  stored.set_profile(entry.record.profile);
  stored.set_label(entry.record.label);
  stored.set_client_id(entry.record.client_id);
  stored.set_issue_time_us(absl::ToUnixMicros(entry.record.issue_time));
  stored.set_expire_time_us(absl::ToUnixMicros(entry.record.expire_time));
  if (entry.record.revoke_time) stored.set_revoke_time_us(absl::ToUnixMicros(*entry.record.revoke_time));
  if (entry.record.last_use_time) stored.set_last_use_time_us(absl::ToUnixMicros(*entry.record.last_use_time));
  stored.set_account_generation(entry.account_generation);
  return Serialize(stored);
}

std::string EncodeAccount(const AccountEntry& entry) {
  pb::StoredAccount stored;
  stored.set_generation(entry.generation);
  stored.set_revoke_all_time_us(absl::ToUnixMicros(entry.revoke_all_time));
  return Serialize(stored);
}

std::string EncodeOneTimeKey(const OneTimeKeyEntry& entry) {
  pb::StoredOneTimeKey stored;
  stored.set_expire_time_us(absl::ToUnixMicros(entry.expire_time));
  stored.set_token_digest(entry.token.bytes().data(), entry.token.bytes().size());
  return Serialize(stored);
}

absl::StatusOr<TokenEntry> DecodeToken(const TokenDigest& digest, const std::string& bytes) {
  pb::StoredToken stored;
  if (!stored.ParseFromString(bytes)) return absl::DataLossError("a stored token cannot be read");
  TokenEntry entry;
  entry.record.digest = digest;
  entry.record.did = stored.did();
  entry.record.profile = stored.profile();
  entry.record.label = stored.label();
  entry.record.client_id = stored.client_id();
  entry.record.issue_time = absl::FromUnixMicros(stored.issue_time_us());
  entry.record.expire_time = absl::FromUnixMicros(stored.expire_time_us());
  if (stored.has_revoke_time_us()) entry.record.revoke_time = absl::FromUnixMicros(stored.revoke_time_us());
  if (stored.has_last_use_time_us()) entry.record.last_use_time = absl::FromUnixMicros(stored.last_use_time_us());
  entry.account_generation = stored.account_generation();
  if (!CheckRecord(entry.record).ok()) return absl::DataLossError("a stored token breaks the rules of its fields");
  return entry;
}

absl::StatusOr<AccountEntry> DecodeAccount(const std::string& bytes) {
  pb::StoredAccount stored;
  if (!stored.ParseFromString(bytes)) return absl::DataLossError("a stored account cannot be read");
  if (stored.generation() == 0) return absl::DataLossError("a stored account has no generation");
  return AccountEntry{stored.generation(), absl::FromUnixMicros(stored.revoke_all_time_us())};
}

absl::StatusOr<OneTimeKeyEntry> DecodeOneTimeKey(const std::string& bytes) {
  pb::StoredOneTimeKey stored;
  if (!stored.ParseFromString(bytes)) return absl::DataLossError("a stored one-time key cannot be read");
  const std::optional<TokenDigest> token = TokenDigest::FromBytes(stored.token_digest());
  if (!token) return absl::DataLossError("a stored one-time key names no token");
  return OneTimeKeyEntry{absl::FromUnixMicros(stored.expire_time_us()), *token};
}

}  // namespace tokens::storage
