#include "storage/stored_session_codec.h"

#include "didpic/token/v1/stored_token.pb.h"
#include "storage/session_rules.h"

namespace tokens::storage {
namespace {

namespace pb = ::didpic::token::v1;

}  // namespace

std::string EncodeSession(const SessionEntry& entry) {
  pb::StoredSession stored;
  stored.set_did(entry.record.did);
  stored.set_client_id(entry.record.client_id);
  stored.set_client(entry.record.client == SessionClient::kPublic ? pb::StoredSession::PUBLIC
                                                                  : pb::StoredSession::CONFIDENTIAL);
  stored.set_dpop_jkt(entry.record.dpop_jkt);
  stored.set_create_time_us(absl::ToUnixMicros(entry.record.create_time));
  stored.set_expire_time_us(absl::ToUnixMicros(entry.record.expire_time));
  if (entry.end_time) stored.set_end_time_us(absl::ToUnixMicros(*entry.end_time));
  stored.set_account_generation(entry.account_generation);
  std::string bytes;
  stored.AppendToString(&bytes);
  return bytes;
}

std::string EncodeRefresh(const RefreshEntry& entry) {
  pb::StoredRefreshToken stored;
  stored.set_expire_time_us(absl::ToUnixMicros(entry.expire_time));
  if (entry.next) stored.set_next_id(entry.next->bytes().data(), entry.next->bytes().size());
  std::string bytes;
  stored.AppendToString(&bytes);
  return bytes;
}

absl::StatusOr<SessionEntry> DecodeSession(const SessionId& id, const std::string& bytes) {
  pb::StoredSession stored;
  if (!stored.ParseFromString(bytes)) return absl::DataLossError("a stored session cannot be read");
  if (stored.client() != pb::StoredSession::PUBLIC && stored.client() != pb::StoredSession::CONFIDENTIAL) {
    return absl::DataLossError("a stored session has a client that is none");
  }
  SessionEntry entry;
  entry.record.id = id;
  entry.record.did = stored.did();
  entry.record.client_id = stored.client_id();
  entry.record.client =
      stored.client() == pb::StoredSession::PUBLIC ? SessionClient::kPublic : SessionClient::kConfidential;
  entry.record.dpop_jkt = stored.dpop_jkt();
  entry.record.create_time = absl::FromUnixMicros(stored.create_time_us());
  entry.record.expire_time = absl::FromUnixMicros(stored.expire_time_us());
  if (stored.has_end_time_us()) entry.end_time = absl::FromUnixMicros(stored.end_time_us());
  entry.account_generation = stored.account_generation();
  if (!CheckSession(entry.record).ok()) return absl::DataLossError("a stored session breaks the rules of its fields");
  return entry;
}

absl::StatusOr<RefreshEntry> DecodeRefresh(const std::string& bytes) {
  pb::StoredRefreshToken stored;
  if (!stored.ParseFromString(bytes)) return absl::DataLossError("a stored refresh token cannot be read");
  RefreshEntry entry = {absl::FromUnixMicros(stored.expire_time_us()), RefreshId::FromBytes(stored.next_id())};
  if (!entry.next && !stored.next_id().empty()) {
    return absl::DataLossError("a stored refresh token names a successor that is none");
  }
  return entry;
}

}  // namespace tokens::storage
