#include "storage/rocksdb_keys.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tokens::storage {
namespace {

constexpr size_t kIntegerSize = 8;
constexpr size_t kTimeSize = kIntegerSize;
constexpr uint64_t kSignBit = uint64_t{1} << 63;  // Flipped, so that times before 1970 sort before those after.

const absl::string_view kNul("\0", 1);

std::string EncodeInteger(uint64_t value) {
  std::string bytes(kIntegerSize, '\0');
  for (int i = kIntegerSize - 1; i >= 0; --i, value >>= 8) bytes[i] = static_cast<char>(value & 0xff);
  return bytes;
}

absl::string_view Byte(const SessionKeyKind& kind) {
  return absl::string_view(reinterpret_cast<const char*>(&kind), 1);
}

std::optional<uint64_t> DecodeInteger(absl::string_view bytes) {
  if (bytes.size() != kIntegerSize) return std::nullopt;
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// Takes what is before the first NUL, and the NUL, off the front of `key`; nothing, and `key` stays, if there is none
// or nothing before it.
std::optional<absl::string_view> TakeText(absl::string_view* key) {
  const size_t nul = key->find('\0');
  if (nul == absl::string_view::npos || nul == 0) return std::nullopt;
  const absl::string_view text = key->substr(0, nul);
  key->remove_prefix(nul + 1);
  return text;
}

}  // namespace

std::string EncodeTime(absl::Time time) {
  return EncodeInteger(static_cast<uint64_t>(absl::ToUnixMicros(time)) ^ kSignBit);
}

std::optional<absl::Time> DecodeTime(absl::string_view bytes) {
  const std::optional<uint64_t> value = DecodeInteger(bytes);
  if (!value) return std::nullopt;
  return absl::FromUnixMicros(static_cast<int64_t>(*value ^ kSignBit));
}

std::string AccountHistoryKey(const std::string& did, uint64_t generation) {
  return absl::StrCat(did, kNul, EncodeInteger(generation));
}

std::string ByDidPrefix(const std::string& did) { return absl::StrCat(did, kNul); }

std::string ByDidKey(const std::string& did, const ListCursor& position) {
  return absl::StrCat(ByDidPrefix(did), EncodeTime(position.issue_time), position.digest.bytes());
}

std::optional<ListCursor> ParseByDidKey(absl::string_view key, absl::string_view prefix) {
  if (key.size() != prefix.size() + kTimeSize + TokenDigest::kSize) return std::nullopt;
  const std::optional<absl::Time> issue_time = DecodeTime(key.substr(prefix.size(), kTimeSize));
  const std::optional<TokenDigest> digest = TokenDigest::FromBytes(key.substr(prefix.size() + kTimeSize));
  if (!issue_time || !digest) return std::nullopt;
  return ListCursor{*issue_time, *digest};
}

std::string LivePrefix(const std::string& did, uint64_t generation) {
  return absl::StrCat(did, kNul, EncodeInteger(generation));
}

std::string LivePrefix(const std::string& did, uint64_t generation, const std::string& profile) {
  return absl::StrCat(LivePrefix(did, generation), profile, kNul);
}

std::string LivePosition(const std::string& did, uint64_t generation, const std::string& profile,
                         absl::Time expire_time) {
  return absl::StrCat(LivePrefix(did, generation, profile), EncodeTime(expire_time));
}

std::string LiveKey(const TokenRecord& record, uint64_t generation) {
  return absl::StrCat(LivePosition(record.did, generation, record.profile, record.expire_time), record.digest.bytes());
}

std::optional<absl::Time> ExpireTimeOfLiveKey(absl::string_view key) {
  constexpr size_t kTail = kTimeSize + TokenDigest::kSize;
  if (key.size() < kTail) return std::nullopt;
  return DecodeTime(key.substr(key.size() - kTail, kTimeSize));
}

std::string SeenKey(KeyKind kind, const std::string& did, const std::string& key) {
  const char kind_byte = static_cast<char>(kind);
  return absl::StrCat(absl::string_view(&kind_byte, 1), did, kNul, key);
}

std::string SessionKey(const SessionId& id) { return absl::StrCat(Byte(SessionKeyKind::kSession), id.bytes()); }

std::string RefreshKey(const SessionId& session, const RefreshId& id) {
  return absl::StrCat(Byte(SessionKeyKind::kRefresh), session.bytes(), id.bytes());
}

std::string LiveSessionPrefix(const std::string& did, uint64_t generation) {
  return absl::StrCat(Byte(SessionKeyKind::kLive), did, kNul, EncodeInteger(generation));
}

std::string LiveSessionPosition(const std::string& did, uint64_t generation, absl::Time expire_time) {
  return absl::StrCat(LiveSessionPrefix(did, generation), EncodeTime(expire_time));
}

std::string LiveSessionKey(const SessionRecord& record, uint64_t generation) {
  return absl::StrCat(LiveSessionPosition(record.did, generation, record.expire_time), record.id.bytes());
}

std::optional<absl::Time> ExpireTimeOfLiveSessionKey(absl::string_view key) {
  constexpr size_t kTail = kTimeSize + SessionId::kSize;
  if (key.size() < 1 + kTail || key.substr(0, 1) != Byte(SessionKeyKind::kLive)) return std::nullopt;
  return DecodeTime(key.substr(key.size() - kTail, kTimeSize));
}

std::string AuditKey(uint64_t sequence) { return EncodeInteger(sequence); }

std::optional<uint64_t> ParseAuditKey(absl::string_view key) { return DecodeInteger(key); }

std::optional<AccountRow> ParseAccountKey(absl::string_view key) {
  const std::optional<absl::string_view> did = TakeText(&key);
  if (!did) return key.empty() ? std::nullopt : std::optional(AccountRow{std::string(key), std::nullopt});
  const std::optional<uint64_t> generation = DecodeInteger(key);
  if (!generation) return std::nullopt;
  return AccountRow{std::string(*did), *generation};
}

std::optional<ByDidRow> ParseByDidKey(absl::string_view key) {
  const std::optional<absl::string_view> did = TakeText(&key);
  const std::optional<ListCursor> position = ParseByDidKey(key, "");
  if (!did || !position) return std::nullopt;
  return ByDidRow{std::string(*did), *position};
}

std::optional<LiveRow> ParseLiveKey(absl::string_view key) {
  const std::optional<absl::string_view> did = TakeText(&key);
  const std::optional<uint64_t> generation = DecodeInteger(key.substr(0, kIntegerSize));
  if (!did || !generation) return std::nullopt;
  key.remove_prefix(kIntegerSize);
  const std::optional<absl::string_view> profile = TakeText(&key);
  const std::optional<absl::Time> expire_time = DecodeTime(key.substr(0, kTimeSize));
  if (!profile || !expire_time) return std::nullopt;
  const std::optional<TokenDigest> digest = TokenDigest::FromBytes(key.substr(kTimeSize));
  if (!digest) return std::nullopt;
  return LiveRow{std::string(*did), *generation, std::string(*profile), *expire_time, *digest};
}

std::optional<std::string> DidOfSeenKey(absl::string_view key) {
  if (key.empty()) return std::nullopt;
  const KeyKind kind = static_cast<KeyKind>(key[0]);
  if (kind != KeyKind::kIdempotencyKey && kind != KeyKind::kSingleUseId) return std::nullopt;
  key.remove_prefix(1);
  const std::optional<absl::string_view> did = TakeText(&key);
  return did && !key.empty() ? std::optional(std::string(*did)) : std::nullopt;
}

std::optional<SessionId> ParseSessionKey(absl::string_view key) {
  if (!absl::ConsumePrefix(&key, Byte(SessionKeyKind::kSession))) return std::nullopt;
  return SessionId::FromBytes(key);
}

std::optional<RefreshRow> ParseRefreshKey(absl::string_view key) {
  if (!absl::ConsumePrefix(&key, Byte(SessionKeyKind::kRefresh)) || key.size() < SessionId::kSize) return std::nullopt;
  const std::optional<SessionId> session = SessionId::FromBytes(key.substr(0, SessionId::kSize));
  const std::optional<RefreshId> id = RefreshId::FromBytes(key.substr(SessionId::kSize));
  if (!session || !id) return std::nullopt;
  return RefreshRow{*session, *id};
}

std::optional<LiveSessionRow> ParseLiveSessionKey(absl::string_view key) {
  if (!absl::ConsumePrefix(&key, Byte(SessionKeyKind::kLive))) return std::nullopt;
  const std::optional<absl::string_view> did = TakeText(&key);
  if (!did || key.size() != kIntegerSize + kTimeSize + SessionId::kSize) return std::nullopt;
  const std::optional<uint64_t> generation = DecodeInteger(key.substr(0, kIntegerSize));
  const std::optional<absl::Time> expire_time = DecodeTime(key.substr(kIntegerSize, kTimeSize));
  const std::optional<SessionId> session = SessionId::FromBytes(key.substr(kIntegerSize + kTimeSize));
  return LiveSessionRow{std::string(*did), *generation, *expire_time, *session};
}

std::string AfterPrefix(std::string prefix) {
  // A generation may end in 0xff: carry.
  while (!prefix.empty() && static_cast<uint8_t>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

}  // namespace tokens::storage
