#include "storage/token_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tokens::storage {
namespace {

absl::Status CheckName(const char* field, const std::string& name) {
  if (name.empty()) return absl::InvalidArgumentError(absl::StrCat(field, " must not be empty"));
  if (name.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(field, " must not contain NUL"));
  }
  return absl::OkStatus();
}

absl::Status CheckOneTimeKey(const char* field, const std::optional<OneTimeKey>& key) {
  if (!key) return absl::OkStatus();
  if (key->key.empty()) return absl::InvalidArgumentError(absl::StrCat(field, " must not be empty"));
  return CheckInstant(field, key->expire_time);
}

}  // namespace

absl::Status CheckDid(const std::string& did) { return CheckName("did", did); }

absl::Status CheckInstant(const char* field, absl::Time instant) {
  if (absl::FromUnixMicros(absl::ToUnixMicros(instant)) == instant) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, " must be a finite instant in whole microseconds"));
}

absl::Status CheckRecord(const TokenRecord& record) {
  if (absl::Status status = CheckDid(record.did); !status.ok()) return status;
  if (absl::Status status = CheckName("profile", record.profile); !status.ok()) return status;
  if (absl::Status status = CheckInstant("issue_time", record.issue_time); !status.ok()) return status;
  if (absl::Status status = CheckInstant("expire_time", record.expire_time); !status.ok()) return status;
  if (record.revoke_time) {
    if (absl::Status status = CheckInstant("revoke_time", *record.revoke_time); !status.ok()) return status;
  }
  return record.last_use_time ? CheckInstant("last_use_time", *record.last_use_time) : absl::OkStatus();
}

absl::Status CheckNewToken(const NewToken& token) {
  if (absl::Status status = CheckActor(token.by); !status.ok()) return status;
  if (absl::Status status = CheckRecord(token.record); !status.ok()) return status;
  if (token.record.revoke_time) return absl::InvalidArgumentError("revoke_time must be unset in a new token");
  if (token.record.last_use_time) return absl::InvalidArgumentError("last_use_time must be unset in a new token");
  if (token.record.account_status != AccountStatus::kActive) {
    return absl::InvalidArgumentError("account_status must be unset in a new token");
  }
  if (absl::Status status = CheckOneTimeKey("idempotency_key", token.idempotency_key); !status.ok()) return status;
  return CheckOneTimeKey("single_use_id", token.single_use_id);
}

absl::Status CheckUses(const std::vector<TokenUse>& uses) {
  for (const TokenUse& use : uses) {
    if (absl::Status status = CheckInstant("at", use.at); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckTokenId(const std::string& token_id_bytes) {
  if (token_id_bytes.size() == kTokenIdSize) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a token id has ", kTokenIdSize, " bytes"));
}

absl::Status CheckLimit(int limit) {
  return limit > 0 ? absl::OkStatus() : absl::InvalidArgumentError("limit must be positive");
}

absl::Time EndOf(absl::Time expire_time, const std::optional<absl::Time>& own_revocation) {
  return own_revocation ? std::min(expire_time, *own_revocation) : expire_time;
}

}  // namespace tokens::storage
