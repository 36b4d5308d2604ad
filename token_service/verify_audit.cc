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
#include "token_service/base/flags.h"

namespace tokens {

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

AuditVerdict VerifyAudit(const std::string& location, const std::string& known) {
  std::optional<storage::AuditHead> known_head;
  if (!known.empty()) {
    known_head = ParseAuditHead(known);
    if (!known_head.has_value()) return {kExitRefused, "--audit_head: must be NUMBER:HASH, as verify-audit prints it"};
  }
  const absl::StatusOr<storage::AuditHead> head = storage::VerifyStoredAudit(location, known_head);
  if (head.ok()) return {0, absl::StrCat("the audit holds: ", FormatAuditHead(*head))};
  if (absl::IsDataLoss(head.status())) return {1, absl::StrCat("the audit is broken: ", head.status().message())};
  return {kExitRefused, absl::StrCat("--store: ", head.status().message())};
}

}  // namespace tokens
