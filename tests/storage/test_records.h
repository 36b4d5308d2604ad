#ifndef TESTS_STORAGE_TEST_RECORDS_H_
#define TESTS_STORAGE_TEST_RECORDS_H_

#include <array>
#include <cstdint>
#include <ostream>
#include <string>

#include "absl/time/time.h"
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

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_TEST_RECORDS_H_
