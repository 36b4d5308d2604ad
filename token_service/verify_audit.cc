#include "token_service/verify_audit.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/open_token_store.h"
#include "token_service/audit_key.h"
#include "token_service/base/flags.h"

namespace tokens {
namespace {

absl::StatusOr<std::vector<AuditPublicKey>> ReadKeys(const std::vector<std::string>& paths) {
  std::vector<AuditPublicKey> keys;
  for (const std::string& path : paths) {
    absl::StatusOr<AuditPublicKey> key = AuditPublicKey::Read(path);
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
  }
  return keys;
}

// DATA_LOSS: forged. NOT_FOUND: by a key that was not given, so that it cannot be told.
absl::Status CheckSignature(const std::vector<AuditPublicKey>& keys, const storage::AuditCheckpoint& checkpoint) {
  const std::string name = absl::StrCat("checkpoint ", checkpoint.head.sequence);
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const auto& each) { return each.id() == checkpoint.key_id; });
  if (key == keys.end()) {
    return absl::NotFoundError(
        absl::StrCat(name, ": signed by the key ", checkpoint.key_id, ", which is none of these"));
  }
  if (key->Signed(checkpoint)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(name, ": its signature is not by the key ", checkpoint.key_id));
}

AuditVerdict Broken(absl::string_view why) { return {1, absl::StrCat("the audit is broken: ", why)}; }

AuditVerdict Judge(const storage::ProvenAudit& audit, bool signatures_checked) {
  const std::string holds = absl::StrCat("the audit holds: ", FormatAuditHead(audit.head));
  const bool is_empty = audit.head == storage::AuditHead();
  if (!signatures_checked) {
    return {
        0, absl::StrCat(holds, "; the signatures of its checkpoints were not checked, for want of --audit_public_key")};
  }
  if (is_empty) return {0, absl::StrCat(holds, "; there is nothing to sign")};
  if (!audit.last_checkpoint) return Broken("no checkpoint: nothing of it was signed, or all that was signed is gone");
  const storage::AuditCheckpoint& last = *audit.last_checkpoint;
  return {0, absl::StrCat(holds, "; signed up to record ", last.head.sequence, " by the key ", last.key_id, " at ",
                          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", last.time, absl::UTCTimeZone()),
                          ", records after it that are not signed: ", audit.records_after)};
}

}  // namespace

std::string FormatAuditHead(const storage::AuditHead& head) {
  const absl::string_view hash(reinterpret_cast<const char*>(head.hash.data()), head.hash.size());
  return absl::StrCat(head.sequence, ":", absl::BytesToHexString(hash));
}

std::optional<storage::AuditHead> ParseAuditHead(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  storage::AuditHead head;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &head.sequence)) return std::nullopt;
  if (parts[1].size() != 2 * head.hash.size()) return std::nullopt;
  const auto is_hex = [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); };
  if (!std::all_of(parts[1].begin(), parts[1].end(), is_hex)) return std::nullopt;
  const std::string hash = absl::HexStringToBytes(parts[1]);
  std::copy(hash.begin(), hash.end(), head.hash.begin());
  return head;
}

AuditVerdict VerifyAudit(const std::string& location, const std::string& known,
                         const std::vector<std::string>& public_keys) {
  storage::AuditExpectations expectations;
  if (!known.empty()) {
    expectations.known = ParseAuditHead(known);
    if (!expectations.known) return {kExitRefused, "--audit_head: must be NUMBER:HASH, as verify-audit prints it"};
  }
  const absl::StatusOr<std::vector<AuditPublicKey>> keys = ReadKeys(public_keys);
  if (!keys.ok()) return {kExitRefused, absl::StrCat("--audit_public_key: ", keys.status().message())};
  if (!keys->empty()) {
    expectations.check_signature = [&](const storage::AuditCheckpoint& checkpoint) {
      return CheckSignature(*keys, checkpoint);
    };
  }
  const absl::StatusOr<storage::ProvenAudit> audit = storage::VerifyStoredAudit(location, expectations);
  if (audit.ok()) return Judge(*audit, !keys->empty());
  if (absl::IsDataLoss(audit.status())) return Broken(audit.status().message());
  const char* flag = absl::IsNotFound(audit.status()) ? "--audit_public_key: " : "--store: ";
  return {kExitRefused, absl::StrCat(flag, audit.status().message())};
}

}  // namespace tokens
