#ifndef TOKEN_SERVICE_POLICY_H_
#define TOKEN_SERVICE_POLICY_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/lexicon_folder.h"
#include "token_service/policy_callers.h"

namespace tokens {

// So many tokens of one account in a window of this length.
struct MintRate {
  int count;
  absl::Duration window;
};

// One kind of token, as the operator wants it.
struct Profile {
  std::string name;
  std::string prefix;
  absl::Duration lifetime;
  int max_live_tokens_per_did = 0;
  MintRate max_mints_per_did = {20, absl::Hours(1)};
  absl::flat_hash_set<std::string> allowed_methods;  // NSIDs, each proven to be a query.
};

// The name under which Validate reports a session's access JWT. No profile may have it.
inline constexpr char kSessionProfile[] = "session";

// How sessions are to be; the defaults are those of policy.proto.
struct SessionPolicy {
  absl::Duration access_lifetime = absl::Minutes(15);
  absl::Duration public_refresh_lifetime = absl::Hours(14 * 24);
  absl::Duration confidential_refresh_lifetime = absl::Hours(90 * 24);
  absl::Duration max_lifetime = absl::Hours(365 * 24);
  int max_live_sessions_per_did = 100;
  absl::flat_hash_set<std::string> allowed_methods;
};

// The operator's policy, checked. Immutable, so thread-safe.
class Policy {
 public:
  // Reads a Policy message as textproto (proto/didpic/token/v1/policy.proto). INVALID_ARGUMENT with one line per fault.
  static absl::StatusOr<Policy> Parse(const std::string& textproto, const LexiconFolder& lexicons);

  // The first 12 hex digits of the text's SHA-256: what an operator tells policies apart by.
  const std::string& digest() const { return digest_; }

  // Null if there is no profile of that name. Lives as long as the policy.
  const Profile* FindProfile(absl::string_view name) const;

  // True if tokens of some profile begin with `prefix`.
  bool HasPrefix(absl::string_view prefix) const { return prefixes_.contains(prefix); }

  const SessionPolicy& sessions() const { return sessions_; }
  // The caller with this name of a certificate, and its roles; null if there is none. Lives as long as the policy.
  const CallerTable::value_type* FindCaller(absl::string_view name) const;

  // True if somebody may call over TLS.
  bool HasCallers() const { return !callers_.empty(); }

 private:
  Policy() = default;

  std::string digest_;
  absl::flat_hash_map<std::string, Profile> profiles_;
  absl::flat_hash_set<std::string> prefixes_;
  SessionPolicy sessions_;
  CallerTable callers_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_POLICY_H_
