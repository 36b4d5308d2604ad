#ifndef STORAGE_SESSION_RECORD_H_
#define STORAGE_SESSION_RECORD_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/account.h"

namespace tokens::storage {

// 16 random bytes that name something; `Tag` keeps names of different things apart. A value.
template <typename Tag>
class RandomId {
 public:
  static constexpr size_t kSize = 16;

  // All zero; names nothing.
  RandomId() = default;
  explicit RandomId(const std::array<uint8_t, kSize>& bytes) : bytes_(bytes) {}

  // Nothing unless `bytes` has exactly kSize bytes.
  static std::optional<RandomId> FromBytes(absl::string_view bytes) {
    if (bytes.size() != kSize) return std::nullopt;
    RandomId id;
    std::copy(bytes.begin(), bytes.end(), id.bytes_.begin());
    return id;
  }

  // The view lives as long as this object.
  absl::string_view bytes() const { return absl::string_view(reinterpret_cast<const char*>(bytes_.data()), kSize); }

  friend auto operator<=>(const RandomId&, const RandomId&) = default;

 private:
  std::array<uint8_t, kSize> bytes_{};
};

// Public name of a session.
using SessionId = RandomId<struct SessionTag>;

// Names a refresh token within its session: the `jti` of its JWT. Kept as it is and not as a hash: whoever refreshes
// one token twice must be given the same successor, so the successor's name must be known. It opens nothing by itself;
// what a client proves is our signature over it.
using RefreshId = RandomId<struct RefreshTag>;

// What kind of client holds a session: it decides how long a refresh token holds.
enum class SessionClient { kPublic, kConfidential };

// What is known of one session. A value; holds no secret. Times are UTC, finite, whole microseconds.
struct SessionRecord {
  SessionId id;
  std::string did;        // Not empty, without NUL.
  std::string client_id;  // May be empty.
  SessionClient client = SessionClient::kPublic;
  std::string dpop_jkt;  // Thumbprint of the key it is bound to; may be empty.
  absl::Time create_time;
  absl::Time expire_time;  // When its last refresh token expires. Moves forward as it is refreshed.
  // By itself or with its account. Not the session's own: as of the read, like account_status.
  bool ended = false;
  AccountStatus account_status = AccountStatus::kActive;

  friend bool operator==(const SessionRecord&, const SessionRecord&) = default;
};

}  // namespace tokens::storage

#endif  // STORAGE_SESSION_RECORD_H_
