#include "token_service/proto_convert.h"

#include "token_service/token_id.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

pb::Refusal::Reason ReasonOf(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::kMalformed: return pb::Refusal::MALFORMED;
    case Verdict::Kind::kExpired: return pb::Refusal::EXPIRED;
    case Verdict::Kind::kRevoked: return pb::Refusal::REVOKED;
    case Verdict::Kind::kMethodNotAllowed: return pb::Refusal::METHOD_NOT_ALLOWED;
    case Verdict::Kind::kAccountInactive: return pb::Refusal::ACCOUNT_INACTIVE;
    case Verdict::Kind::kDpopKeyMismatch: return pb::Refusal::DPOP_KEY_MISMATCH;
    case Verdict::Kind::kUnknown:
    case Verdict::Kind::kActive: break;
  }
  return pb::Refusal::UNKNOWN;
}

pb::OauthClient::Type ToProto(storage::ClientType type) {
  switch (type) {
    case storage::ClientType::kUnknown: break;
    case storage::ClientType::kPublic: return pb::OauthClient::PUBLIC;
    case storage::ClientType::kConfidential: return pb::OauthClient::CONFIDENTIAL;
    case storage::ClientType::kLoopback: return pb::OauthClient::LOOPBACK;
  }
  return pb::OauthClient::TYPE_UNSPECIFIED;
}

}  // namespace

std::optional<absl::Time> ToTime(const google::protobuf::Timestamp& timestamp) {
  constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01
  constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31
  if (timestamp.seconds() < kFirstSecond || timestamp.seconds() > kLastSecond) return std::nullopt;
  if (timestamp.nanos() < 0 || timestamp.nanos() > 999999999) return std::nullopt;
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

void ToProto(absl::Time time, google::protobuf::Timestamp* timestamp) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp->set_seconds(seconds);
  timestamp->set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
}

void ToProto(const MintedToken& minted, pb::MintResponse* response) {
  response->set_token(minted.secret.Reveal());
  response->set_token_id(TokenIdOf(minted.record.digest));
  ToProto(minted.record.issue_time, response->mutable_issue_time());
  ToProto(minted.record.expire_time, response->mutable_expire_time());
}

void ToProto(const storage::TokenRecord& record, pb::TokenMetadata* metadata) {
  metadata->set_token_id(TokenIdOf(record.digest));
  metadata->set_profile(record.profile);
  metadata->set_label(record.label);
  metadata->set_client_id(record.client_id);
  metadata->set_client_name(record.client_name);
  metadata->set_client_type(ToProto(record.client_type));
  ToProto(record.issue_time, metadata->mutable_issue_time());
  ToProto(record.expire_time, metadata->mutable_expire_time());
  if (record.revoke_time.has_value()) ToProto(*record.revoke_time, metadata->mutable_revoke_time());
  if (record.last_use_time.has_value()) ToProto(*record.last_use_time, metadata->mutable_last_used_time());
}

pb::Account::Status ToProto(storage::AccountStatus status) {
  switch (status) {
    case storage::AccountStatus::kActive: return pb::Account::ACTIVE;
    case storage::AccountStatus::kTakedown: return pb::Account::TAKENDOWN;
    case storage::AccountStatus::kSuspended: return pb::Account::SUSPENDED;
    case storage::AccountStatus::kDeactivated: return pb::Account::DEACTIVATED;
  }
  return pb::Account::STATUS_UNSPECIFIED;
}

std::optional<storage::ClientType> ToClientType(pb::OauthClient::Type type) {
  switch (type) {
    case pb::OauthClient::TYPE_UNSPECIFIED: return storage::ClientType::kUnknown;
    case pb::OauthClient::PUBLIC: return storage::ClientType::kPublic;
    case pb::OauthClient::CONFIDENTIAL: return storage::ClientType::kConfidential;
    case pb::OauthClient::LOOPBACK: return storage::ClientType::kLoopback;
    default: return std::nullopt;
  }
}

void ToProto(const Verdict& verdict, pb::ValidateResponse* response) {
  if (verdict.kind != Verdict::Kind::kActive || !verdict.record.has_value()) {
    response->mutable_refusal()->set_reason(ReasonOf(verdict.kind));
    return;
  }
  pb::ActiveToken* active = response->mutable_active();
  active->set_did(verdict.record->did);
  active->set_token_id(TokenIdOf(verdict.record->digest));
  active->set_profile(verdict.record->profile);
  active->set_client_id(verdict.record->client_id);
  ToProto(verdict.record->issue_time, active->mutable_issue_time());
  ToProto(verdict.record->expire_time, active->mutable_expire_time());
}

absl::string_view RefusalName(Verdict::Kind kind) {
  if (kind == Verdict::Kind::kActive) return "";
  return pb::Refusal::Reason_Name(ReasonOf(kind));
}

}  // namespace tokens
