#include "storage/token_audit.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/token_rules.h"

namespace tokens::storage {
namespace {

std::string TokenId(const TokenDigest& digest) {
  return absl::BytesToHexString(digest.bytes().substr(0, kTokenIdSize));
}

std::string StatusName(AccountStatus status) {
  switch (status) {
    case AccountStatus::kActive: return "ACTIVE";
    case AccountStatus::kTakedown: return "TAKENDOWN";
    case AccountStatus::kSuspended: return "SUSPENDED";
    case AccountStatus::kDeactivated: break;
  }
  return "DEACTIVATED";
}

}  // namespace

AuditEntry MintEntry(const NewToken& token) {
  // `now` may be finer than what is kept.
  const absl::Time time = absl::FromUnixMicros(absl::ToUnixMicros(token.now));
  const TokenRecord& record = token.record;
  return {time, AuditAction::kMint, token.by, record.did, TokenId(record.digest), record.profile};
}

AuditEntry RevokeEntry(const TokenRecord& record, absl::Time at, const Actor& by) {
  return {at, AuditAction::kRevoke, by, record.did, TokenId(record.digest), "revoked"};
}

AuditEntry RevokeAllEntry(const std::string& did, int ended, absl::Time at, const Actor& by) {
  return {at, AuditAction::kRevokeAll, by, did, "", absl::StrCat(ended)};
}

// A session's public name stands where a token's does.
AuditEntry SessionCreateEntry(const NewSession& session) {
  const SessionRecord& record = session.record;
  return {record.create_time,
          AuditAction::kSessionCreate,
          session.by,
          record.did,
          absl::BytesToHexString(record.id.bytes()),
          "created"};
}

AuditEntry SessionDeleteEntry(const SessionRecord& session, absl::Time at, const Actor& by) {
  return {at, AuditAction::kSessionDelete, by, session.did, absl::BytesToHexString(session.id.bytes()), "ended"};
}

AuditEntry StatusEntry(const std::string& did, AccountStatus status, absl::Time at, const Actor& by) {
  return {at, AuditAction::kSetAccountStatus, by, did, "", StatusName(status)};
}

}  // namespace tokens::storage
