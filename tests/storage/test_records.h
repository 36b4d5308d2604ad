#ifndef TESTS_STORAGE_TEST_RECORDS_H_
#define TESTS_STORAGE_TEST_RECORDS_H_

#include <array>
#include <cstdint>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "storage/session_store.h"
#include "storage/token_store.h"

namespace tokens::storage {

// For messages of failing tests.
inline std::ostream& operator<<(std::ostream& out, const TokenRecord& record) {
  out << record.did << " " << record.profile << " " << record.issue_time << " to " << record.expire_time;
  if (record.revoke_time) out << " revoked " << *record.revoke_time;
  return record.last_use_time ? out << " used " << *record.last_use_time : out;
}

}  // namespace tokens::storage

namespace tokens::testing {

// Whole seconds after a fixed instant; ends are compared to the microsecond with kTick.
inline absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1'700'000'000 + seconds); }
inline constexpr absl::Duration kTick = absl::Microseconds(1);

inline const storage::Actor kOperator = {"spiffe://example/operator", "request-1"};

// Differs from others in its first bytes, in the order of `number`.
inline storage::TokenDigest Digest(uint32_t number) {
  std::array<uint8_t, storage::TokenDigest::kSize> bytes{};
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(number >> (24 - 8 * i));
  bytes[31] = 1;
  return storage::TokenDigest(bytes);
}

inline constexpr char kAlice[] = "did:plc:alice";
inline constexpr char kBob[] = "did:plc:bob";

// A token of Alice: issued at second 0, expires at second 100.
inline storage::TokenRecord Record(uint32_t number) {
  storage::TokenRecord record;
  record.digest = Digest(number);
  record.did = kAlice;
  record.profile = "widget";
  record.label = "my phone";
  record.client_id = "https://app.example/client.json";
  record.client_name = "An app";
  record.client_type = storage::ClientType::kConfidential;
  record.issue_time = At(0);
  record.expire_time = At(100);
  return record;
}

// Record(number), to be inserted at second 0 with room for it.
inline storage::NewToken New(uint32_t number) {
  storage::NewToken token;
  token.record = Record(number);
  token.now = At(0);
  token.max_live = 1000;
  token.by = kOperator;
  return token;
}

inline storage::NewToken NewFor(const std::string& did, uint32_t number) {
  storage::NewToken token = New(number);
  token.record.did = did;
  return token;
}

template <typename Id>
Id IdOf(uint32_t number) {
  std::array<uint8_t, Id::kSize> bytes{};
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(number >> (24 - 8 * i));
  bytes[15] = 0xff;
  return Id(bytes);
}
inline storage::SessionId SessionIdOf(uint32_t number) { return IdOf<storage::SessionId>(number); }
inline storage::RefreshId RefreshIdOf(uint32_t number) { return IdOf<storage::RefreshId>(number); }

// Alice's session `number`, with refresh token 0: begun at second 0, expires at second 1000. There is room for it.
inline storage::NewSession NewSessionOf(uint32_t number, const std::string& did = kAlice) {
  storage::NewSession session;
  session.record.id = SessionIdOf(number);
  session.record.did = did;
  session.record.client_id = "https://app.example/client.json";
  session.record.create_time = At(0);
  session.record.expire_time = At(1000);
  session.first = RefreshIdOf(0);
  session.max_live = 1000;
  return session;
}

// Alice presents refresh token `current` of session 1 at second `now`. If that makes a successor, it is `successor`,
// which expires 1000 s later; the grace is 100 s.
inline storage::Rotation RotationOf(uint32_t current, uint32_t successor, int64_t now) {
  storage::Rotation rotation;
  rotation.session = SessionIdOf(1);
  rotation.did = kAlice;
  rotation.current = RefreshIdOf(current);
  rotation.now = At(now);
  rotation.successor = RefreshIdOf(successor);
  rotation.successor_expire_time = At(now + 1000);
  rotation.grace = absl::Seconds(100);
  return rotation;
}

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_TEST_RECORDS_H_
