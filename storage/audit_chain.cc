#include "storage/audit_chain.h"

#include <openssl/sha.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "storage/big_endian.h"

namespace tokens::storage {
namespace {

constexpr absl::string_view kDomain("didpic.token.v1.audit\0", 22);

void AppendText(const std::string& text, std::string* out) {
  AppendBigEndian(text.size(), 4, out);
  out->append(text);
}

AuditHash HashOf(const AuditHash& before, uint64_t sequence, const AuditEntry& entry) {
  std::string bytes(kDomain.data(), kDomain.size());
  bytes.append(before.begin(), before.end());
  AppendBigEndian(sequence, 8, &bytes);
  AppendBigEndian(static_cast<uint64_t>(absl::ToUnixMicros(entry.time)), 8, &bytes);
  AppendBigEndian(static_cast<uint64_t>(entry.action), 4, &bytes);
  for (const std::string* text :
       {&entry.by.caller, &entry.by.request_id, &entry.did, &entry.token_id, &entry.outcome}) {
    AppendText(*text, &bytes);
  }
  AuditHash hash;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return hash;
}

// The place of `entry` after `head`. A restoration takes its own instant, which no earlier life of the store reached.
uint64_t SequenceAfter(const AuditHead& head, const AuditEntry& entry) {
  const uint64_t next = head.sequence + 1;
  if (entry.action != AuditAction::kRestored) return next;
  const int64_t instant = absl::ToUnixMicros(entry.time);
  return instant < 0 ? next : std::max(next, static_cast<uint64_t>(instant));
}

}  // namespace

AuditRecord Link(const AuditHead& head, const AuditEntry& entry) {
  const uint64_t sequence = SequenceAfter(head, entry);
  return {sequence, entry, HashOf(head.hash, sequence, entry)};
}

absl::Status CheckLink(const AuditHead& head, const AuditRecord& record) {
  const uint64_t expected = SequenceAfter(head, record.entry);
  if (record.sequence != expected) {
    return absl::DataLossError(absl::StrCat("record ", expected, ": missing; the next is ", record.sequence));
  }
  if (record.hash != HashOf(head.hash, expected, record.entry)) {
    return absl::DataLossError(
        absl::StrCat("record ", expected, ": its hash does not follow from it and the record before"));
  }
  return absl::OkStatus();
}

}  // namespace tokens::storage
