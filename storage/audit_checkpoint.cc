#include "storage/audit_checkpoint.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "storage/big_endian.h"

namespace tokens::storage {
namespace {

constexpr absl::string_view kDomain("didpic.token.v1.audit.checkpoint\0", 33);
constexpr size_t kKeyIdSize = 16;

bool IsKeyId(const std::string& text) {
  const auto is_lower_hex = [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c)) && !absl::ascii_isupper(static_cast<unsigned char>(c));
  };
  return text.size() == kKeyIdSize && std::all_of(text.begin(), text.end(), is_lower_hex);
}

}  // namespace

std::string CheckpointBytes(const AuditCheckpoint& checkpoint) {
  std::string bytes(kDomain.data(), kDomain.size());
  AppendBigEndian(checkpoint.head.sequence, 8, &bytes);
  bytes.append(checkpoint.head.hash.begin(), checkpoint.head.hash.end());
  AppendBigEndian(static_cast<uint64_t>(absl::ToUnixMicros(checkpoint.time)), 8, &bytes);
  bytes.append(checkpoint.key_id);
  return bytes;
}

absl::Status CheckCheckpoint(const AuditCheckpoint& checkpoint) {
  if (checkpoint.head.sequence == 0) return absl::InvalidArgumentError("sequence: must be that of a record");
  if (checkpoint.time != absl::FromUnixMicros(absl::ToUnixMicros(checkpoint.time))) {
    return absl::InvalidArgumentError("time: must be a finite, whole number of microseconds");
  }
  if (!IsKeyId(checkpoint.key_id)) return absl::InvalidArgumentError("key_id: must be 16 lower-case hex digits");
  return absl::OkStatus();
}

}  // namespace tokens::storage
