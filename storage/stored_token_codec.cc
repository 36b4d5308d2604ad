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

pb::StoredAccount::Status ToStored(AccountStatus status) {
  switch (status) {
    case AccountStatus::kActive: return pb::StoredAccount::ACTIVE;
    case AccountStatus::kTakedown: return pb::StoredAccount::TAKENDOWN;
    case AccountStatus::kSuspended: return pb::StoredAccount::SUSPENDED;
    case AccountStatus::kDeactivated: break;
  }
  return pb::StoredAccount::DEACTIVATED;
}

pb::StoredToken::ClientType ToStored(ClientType type) {
  switch (type) {
    case ClientType::kUnknown: break;
    case ClientType::kPublic: return pb::StoredToken::PUBLIC;
    case ClientType::kConfidential: return pb::StoredToken::CONFIDENTIAL;
    case ClientType::kLoopback: return pb::StoredToken::LOOPBACK;
  }
  return pb::StoredToken::CLIENT_TYPE_UNSPECIFIED;
}

std::optional<ClientType> FromStored(pb::StoredToken::ClientType type) {
  switch (type) {
    case pb::StoredToken::CLIENT_TYPE_UNSPECIFIED: return ClientType::kUnknown;
    case pb::StoredToken::PUBLIC: return ClientType::kPublic;
    case pb::StoredToken::CONFIDENTIAL: return ClientType::kConfidential;
    case pb::StoredToken::LOOPBACK: return ClientType::kLoopback;
    default: return std::nullopt;
  }
}

std::optional<AccountStatus> FromStored(pb::StoredAccount::Status status) {
  switch (status) {
    case pb::StoredAccount::STATUS_UNSPECIFIED:
    case pb::StoredAccount::ACTIVE: return AccountStatus::kActive;
    case pb::StoredAccount::TAKENDOWN: return AccountStatus::kTakedown;
    case pb::StoredAccount::SUSPENDED: return AccountStatus::kSuspended;
    case pb::StoredAccount::DEACTIVATED: return AccountStatus::kDeactivated;
    default: return std::nullopt;
  }
}

}  // namespace

std::string EncodeToken(const TokenEntry& entry) {
  pb::StoredToken stored;
  stored.set_did(entry.record.did);
  stored.set_profile(entry.record.profile);
  stored.set_label(entry.record.label);
  stored.set_client_id(entry.record.client_id);
  stored.set_client_name(entry.record.client_name);
  stored.set_client_type(ToStored(entry.record.client_type));
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
  if (entry.account.status_time) {
    stored.set_status(ToStored(entry.account.status));
    stored.set_status_time_us(absl::ToUnixMicros(*entry.account.status_time));
  }
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
  const std::optional<ClientType> client_type = FromStored(stored.client_type());
  if (!client_type) return absl::DataLossError("a stored token has a type of client that is none");
  TokenEntry entry;
  entry.record.digest = digest;
  entry.record.did = stored.did();
  entry.record.profile = stored.profile();
  entry.record.label = stored.label();
  entry.record.client_id = stored.client_id();
  entry.record.client_name = stored.client_name();
  entry.record.client_type = *client_type;
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
  const std::optional<AccountStatus> status = FromStored(stored.status());
  if (!status) return absl::DataLossError("a stored account has a status that is none");
  const bool has_status = stored.status() != pb::StoredAccount::STATUS_UNSPECIFIED;
  if (has_status != stored.has_status_time_us()) {
    return absl::DataLossError("a stored account has a status or its time, not both");
  }
  if (stored.generation() == 0 && !has_status) return absl::DataLossError("a stored account says nothing");
  AccountEntry entry = {stored.generation(), absl::FromUnixMicros(stored.revoke_all_time_us()), {*status, {}}};
  if (stored.has_status_time_us()) entry.account.status_time = absl::FromUnixMicros(stored.status_time_us());
  return entry;
}

absl::StatusOr<OneTimeKeyEntry> DecodeOneTimeKey(const std::string& bytes) {
  pb::StoredOneTimeKey stored;
  if (!stored.ParseFromString(bytes)) return absl::DataLossError("a stored one-time key cannot be read");
  const std::optional<TokenDigest> token = TokenDigest::FromBytes(stored.token_digest());
  if (!token) return absl::DataLossError("a stored one-time key names no token");
  return OneTimeKeyEntry{absl::FromUnixMicros(stored.expire_time_us()), *token};
}

}  // namespace tokens::storage
