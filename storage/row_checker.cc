#include "storage/row_checker.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb_keys.h"
#include "storage/rocksdb_schema.h"
#include "storage/stored_audit_codec.h"
#include "storage/token_rules.h"

namespace tokens::storage {
namespace {

constexpr size_t kShownBytes = 96;
constexpr absl::Duration kLongestGrace = absl::Hours(24);  // The service's is two hours.

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes.substr(0, kShownBytes)); }

std::string Name(const TokenDigest& digest) { return absl::StrCat("token ", Hex(digest.bytes())); }
std::string Name(const SessionId& id) { return absl::StrCat("session ", Hex(id.bytes())); }

// What a DID stands in is text that came from outside.
std::string Shown(absl::string_view text) { return absl::CHexEscape(text.substr(0, kShownBytes)); }

// A client chose it; its hash finds it again for whoever has it.
std::string Hashed(absl::string_view bytes) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash);
  return absl::StrCat("sha256:", absl::BytesToHexString({reinterpret_cast<const char*>(hash), sizeof(hash)}));
}

}  // namespace

absl::Status RowChecker::LoadCutoffs() {
  absl::Time cutoffs[] = {absl::InfinitePast(), absl::InfinitePast()};
  const char* const keys[] = {kTokensCutoffKey, kKeysCutoffKey};
  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<std::optional<std::string>> bytes = Row(Family::kMeta, keys[i]);
    if (!bytes.ok()) return bytes.status();
    if (!bytes->has_value()) continue;
    const std::optional<absl::Time> cutoff = DecodeTime(**bytes);
    if (cutoff) {
      cutoffs[i] = *cutoff;
    } else {
      Report(absl::StrCat("meta ", keys[i], ": cannot be read"));
    }
  }
  sweep_.Raise({cutoffs[0], cutoffs[1]});
  ever_swept_ = absl::ToUnixMicros(cutoffs[0]) != INT64_MIN;
  return absl::OkStatus();
}

absl::Status RowChecker::Check(Family family, absl::string_view key, const std::string& value) {
  switch (family) {
    case Family::kTokens: return CheckToken(key, value);
    case Family::kByDid: return CheckByDid(key, value);
    case Family::kLive: return CheckLive(key, value);
    case Family::kSeen: return CheckSeen(key, value);
    case Family::kSessions: return CheckSessionRow(key, value);
    case Family::kCheckpoints: return CheckCheckpointRow(key, value);
    case Family::kAccounts: CheckAccount(key, value); break;
    case Family::kAudit: CheckAudit(key, value); break;
    case Family::kDefault: Report(absl::StrCat("default ", Hex(key), ": nothing should be there")); break;
    default: break;
  }
  return absl::OkStatus();
}

void RowChecker::Finish(Family family) {
  if (family == Family::kAccounts) FinishAccount();
}

void RowChecker::Report(const std::string& fault) {
  ++faults_;
  if (fault_) fault_(fault);
}

absl::Status RowChecker::CheckToken(absl::string_view key, const std::string& value) {
  const std::optional<TokenDigest> digest = TokenDigest::FromBytes(key);
  if (!digest) {
    Report(absl::StrCat("tokens ", Hex(key), ": its key is no digest"));
    return absl::OkStatus();
  }
  const absl::StatusOr<TokenEntry> entry = DecodeToken(*digest, value);
  if (!entry.ok()) {
    Report(absl::StrCat(Name(*digest), ": ", entry.status().message()));
    return absl::OkStatus();
  }
  const TokenRecord& record = entry->record;
  const absl::Time end = EndOf(record.expire_time, record.revoke_time);
  if (Swept(end)) return absl::OkStatus();
  const absl::StatusOr<uint64_t> generation = GenerationOf(record.did);
  if (!generation.ok()) return generation.status();
  if (entry->account_generation > *generation) {
    Report(absl::StrCat(Name(*digest), ": of generation ", entry->account_generation, " of its account, which is at ",
                        *generation));
  }
  const auto listed = Row(Family::kByDid, ByDidKey(record.did, {record.issue_time, *digest}));
  if (!listed.ok()) return listed.status();
  if (!listed->has_value()) {
    Report(absl::StrCat(Name(*digest), ": not in its account's list (by_did)"));
  } else if (**listed != EncodeTime(end)) {
    Report(absl::StrCat(Name(*digest), ": its account's list (by_did) says another end"));
  }
  const auto live = Row(Family::kLive, LiveKey(record, entry->account_generation));
  if (!live.ok()) return live.status();
  if (live->has_value() == record.revoke_time.has_value()) {
    Report(absl::StrCat(Name(*digest), record.revoke_time ? ": revoked, and among the live" : ": not among the live"));
  }
  return absl::OkStatus();
}

absl::Status RowChecker::CheckByDid(absl::string_view key, const std::string& value) {
  const std::optional<ByDidRow> row = ParseByDidKey(key);
  const std::optional<absl::Time> end = DecodeTime(value);
  if (!row || !end) {
    Report(absl::StrCat("by_did ", Shown(key), ": cannot be read"));
    return absl::OkStatus();
  }
  if (Swept(*end)) return absl::OkStatus();
  const TokenDigest& digest = row->position.digest;
  const auto token = Token(digest);
  if (!token.ok()) return token.status();
  if (!token->has_value()) {
    Report(absl::StrCat("by_did ", Shown(row->did), ": ", Name(digest), " is not there"));
  } else if ((*token)->record.did != row->did || (*token)->record.issue_time != row->position.issue_time) {
    Report(absl::StrCat("by_did ", Shown(row->did), ": ", Name(digest), " is of another account or time"));
  }
  return absl::OkStatus();
}

absl::Status RowChecker::CheckLive(absl::string_view key, const std::string& value) {
  const std::optional<LiveRow> row = ParseLiveKey(key);
  if (!row || !value.empty()) {
    Report(absl::StrCat("live ", Shown(key), ": cannot be read"));
    return absl::OkStatus();
  }
  if (Swept(row->expire_time)) return absl::OkStatus();
  const auto token = Token(row->digest);
  if (!token.ok()) return token.status();
  if (!token->has_value()) {
    Report(absl::StrCat("live ", Shown(row->did), ": ", Name(row->digest), " is not there"));
    return absl::OkStatus();
  }
  // That a revoked one is among the live is told of the token.
  const TokenRecord& record = (*token)->record;
  if (record.did != row->did || record.profile != row->profile || record.expire_time != row->expire_time ||
      (*token)->account_generation != row->generation) {
    Report(absl::StrCat("live ", Shown(row->did), ": ", Name(row->digest), " is other than its row says"));
  }
  return absl::OkStatus();
}

// An account stands before its earlier generations, of which none is missing.
void RowChecker::CheckAccount(absl::string_view key, const std::string& value) {
  const std::optional<AccountRow> row = ParseAccountKey(key);
  const absl::StatusOr<AccountEntry> entry = DecodeAccount(value);
  if (!row || !entry.ok()) {
    Report(absl::StrCat("account ", Shown(key), ": ", row ? entry.status().message() : "its key cannot be read"));
    if (!row || row->generation) return;
  }
  if (!row->generation) {
    FinishAccount();
    account_ = row->did;
    account_generation_ = entry.ok() ? entry->generation : 0;
    next_generation_ = 1;
    return;
  }
  const uint64_t generation = *row->generation;
  if (account_ != row->did) {
    Report(absl::StrCat("account ", Shown(row->did), ": there is a generation ", generation, " and no account"));
    account_ = row->did;
    account_generation_ = generation;
    next_generation_ = generation;
  }
  if (entry->generation != generation) {
    Report(
        absl::StrCat("account ", Shown(row->did), ": generation ", generation, " says that it is ", entry->generation));
  }
  if (generation != next_generation_) {
    Report(absl::StrCat("account ", Shown(row->did), ": generation ", next_generation_, " is missing"));
  }
  next_generation_ = generation + 1;
}

void RowChecker::FinishAccount() {
  if (next_generation_ != account_generation_ + 1) {
    Report(absl::StrCat("account ", Shown(account_), ": is at generation ", account_generation_,
                        ", but the last kept is ", next_generation_ - 1));
  }
  account_.clear();
  account_generation_ = 0;
  next_generation_ = 1;
}

absl::Status RowChecker::CheckSeen(absl::string_view key, const std::string& value) {
  const std::optional<std::string> did = DidOfSeenKey(key);
  const absl::StatusOr<OneTimeKeyEntry> entry = DecodeOneTimeKey(value);
  if (!did || !entry.ok()) {
    Report(absl::StrCat("seen ", Hashed(key), ": ", did ? entry.status().message() : "its key cannot be read"));
    return absl::OkStatus();
  }
  if (sweep_.KeySwept(entry->expire_time) || entry->token == TokenDigest()) return absl::OkStatus();
  const auto token = Token(entry->token);
  if (!token.ok()) return token.status();
  if (!token->has_value() && !ever_swept_) {
    Report(absl::StrCat("seen ", Hashed(key), " of ", Shown(*did), ": ", Name(entry->token), " is not there"));
  } else if (token->has_value() && (*token)->record.did != *did) {
    Report(absl::StrCat("seen ", Hashed(key), " of ", Shown(*did), ": ", Name(entry->token), " is another account's"));
  }
  return absl::OkStatus();
}

absl::Status RowChecker::CheckSessionRow(absl::string_view key, const std::string& value) {
  switch (key.empty() ? SessionKeyKind() : static_cast<SessionKeyKind>(key[0])) {
    case SessionKeyKind::kSession: return CheckSession(key, value);
    case SessionKeyKind::kRefresh: return CheckRefresh(key, value);
    case SessionKeyKind::kLive: return CheckLiveSession(key, value);
  }
  Report(absl::StrCat("sessions ", Hex(key), ": is no kind of row"));
  return absl::OkStatus();
}

absl::Status RowChecker::CheckSession(absl::string_view key, const std::string& value) {
  const std::optional<SessionId> id = ParseSessionKey(key);
  const absl::StatusOr<SessionEntry> entry = DecodeSession(id.value_or(SessionId()), value);
  if (!id || !entry.ok()) {
    Report(absl::StrCat("session ", Hex(key), ": ", id ? entry.status().message() : "its key cannot be read"));
    return absl::OkStatus();
  }
  if (Swept(EndOf(entry->record.expire_time, entry->end_time))) return absl::OkStatus();
  const absl::StatusOr<uint64_t> generation = GenerationOf(entry->record.did);
  if (!generation.ok()) return generation.status();
  if (entry->account_generation > *generation) {
    Report(absl::StrCat(Name(*id), ": of generation ", entry->account_generation, " of its account, which is at ",
                        *generation));
  }
  const auto live = Row(Family::kSessions, LiveSessionKey(entry->record, entry->account_generation));
  if (!live.ok()) return live.status();
  if (live->has_value() == entry->end_time.has_value()) {
    Report(absl::StrCat(Name(*id), entry->end_time ? ": ended, and among the live" : ": not among the live"));
  }
  return absl::OkStatus();
}

absl::Status RowChecker::CheckRefresh(absl::string_view key, const std::string& value) {
  const std::optional<RefreshRow> row = ParseRefreshKey(key);
  const absl::StatusOr<RefreshEntry> entry = DecodeRefresh(value);
  if (!row || !entry.ok()) {
    Report(absl::StrCat("refresh token ", Hex(key), ": ", row ? entry.status().message() : "its key cannot be read"));
    return absl::OkStatus();
  }
  const auto session = Row(Family::kSessions, SessionKey(row->session));
  if (!session.ok()) return session.status();
  if (!session->has_value() && !ever_swept_) {
    Report(absl::StrCat("refresh token ", Hex(key), ": its session is not there"));
  }
  // A successor holds from when it is made, at most a grace before this one's end.
  if (!entry->next || Swept(entry->expire_time - kLongestGrace)) return absl::OkStatus();
  const auto next = Row(Family::kSessions, RefreshKey(row->session, *entry->next));
  if (!next.ok()) return next.status();
  if (!next->has_value()) Report(absl::StrCat("refresh token ", Hex(key), ": its successor is not there"));
  return absl::OkStatus();
}

absl::Status RowChecker::CheckLiveSession(absl::string_view key, const std::string& value) {
  const std::optional<LiveSessionRow> row = ParseLiveSessionKey(key);
  if (!row || !value.empty()) {
    Report(absl::StrCat("live session ", Shown(key), ": cannot be read"));
    return absl::OkStatus();
  }
  if (Swept(row->expire_time)) return absl::OkStatus();
  const auto session = Session(row->session);
  if (!session.ok()) return session.status();
  if (!session->has_value()) {
    Report(absl::StrCat("live session of ", Shown(row->did), ": ", Name(row->session), " is not there"));
    return absl::OkStatus();
  }
  const SessionRecord& record = (*session)->record;
  if (record.did != row->did || record.expire_time != row->expire_time ||
      (*session)->account_generation != row->generation) {
    Report(absl::StrCat("live session of ", Shown(row->did), ": ", Name(row->session), " is other than its row says"));
  }
  return absl::OkStatus();
}

void RowChecker::CheckAudit(absl::string_view key, const std::string& value) {
  const std::optional<uint64_t> sequence = ParseAuditKey(key);
  if (!sequence) {
    Report(absl::StrCat("audit ", Hex(key), ": has a record without a number"));
    return;
  }
  const absl::StatusOr<AuditRecord> record = DecodeAudit(*sequence, value);
  if (!record.ok()) {
    Report(absl::StrCat("audit ", record.status().message()));
    audit_head_ = {*sequence, {}};
    return;
  }
  if (const absl::Status status = CheckLink(audit_head_, *record); !status.ok()) {
    Report(absl::StrCat("audit ", status.message()));
  }
  audit_head_ = HeadAfter(*record);
}

absl::Status RowChecker::CheckCheckpointRow(absl::string_view key, const std::string& value) {
  const std::optional<uint64_t> sequence = ParseAuditKey(key);
  if (!sequence) {
    Report(absl::StrCat("checkpoints ", Hex(key), ": has a checkpoint without a number"));
    return absl::OkStatus();
  }
  const absl::StatusOr<AuditCheckpoint> checkpoint = DecodeCheckpoint(*sequence, value);
  if (!checkpoint.ok()) {
    Report(absl::StrCat("audit ", checkpoint.status().message()));
    return absl::OkStatus();
  }
  const auto row = Row(Family::kAudit, AuditKey(*sequence));
  if (!row.ok()) return row.status();
  if (!row->has_value()) {
    Report(absl::StrCat("audit checkpoint ", *sequence, ": there is no such record"));
    return absl::OkStatus();
  }
  const absl::StatusOr<AuditRecord> record = DecodeAudit(*sequence, **row);
  if (record.ok() && record->hash != checkpoint->head.hash) {
    Report(absl::StrCat("audit checkpoint ", *sequence, ": another record was signed than the one that is there"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> RowChecker::Row(Family family, const std::string& key) {
  absl::StatusOr<std::optional<std::string>> row = store_.Get(family, key);
  if (absl::IsDataLoss(row.status())) return std::nullopt;
  return row;
}

absl::StatusOr<std::optional<TokenEntry>> RowChecker::Token(const TokenDigest& digest) {
  const auto row = Row(Family::kTokens, TokenKey(digest));
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::nullopt;
  absl::StatusOr<TokenEntry> entry = DecodeToken(digest, **row);
  if (!entry.ok()) return std::nullopt;
  return *std::move(entry);
}

absl::StatusOr<std::optional<SessionEntry>> RowChecker::Session(const SessionId& id) {
  const auto row = Row(Family::kSessions, SessionKey(id));
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::nullopt;
  absl::StatusOr<SessionEntry> entry = DecodeSession(id, **row);
  if (!entry.ok()) return std::nullopt;
  return *std::move(entry);
}

absl::StatusOr<uint64_t> RowChecker::GenerationOf(const std::string& did) {
  const auto row = Row(Family::kAccounts, AccountKey(did));
  if (!row.ok()) return row.status();
  if (!row->has_value()) return 0;
  const absl::StatusOr<AccountEntry> account = DecodeAccount(**row);
  return account.ok() ? account->generation : 0;
}

}  // namespace tokens::storage
