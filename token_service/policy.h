#ifndef TOKEN_SERVICE_POLICY_H_
#define TOKEN_SERVICE_POLICY_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/lexicon_folder.h"

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

// The operator's policy, checked. Immutable, so thread-safe.
class Policy {
 public:
  // Reads a Policy message as textproto (proto/didpic/token/v1/policy.proto). INVALID_ARGUMENT with one line per fault.
  static absl::StatusOr<Policy> Parse(const std::string& textproto, const LexiconFolder& lexicons);

  // Null if there is no profile of that name. Lives as long as the policy.
  const Profile* FindProfile(absl::string_view name) const;

  // True if tokens of some profile begin with `prefix`.
  bool HasPrefix(absl::string_view prefix) const { return prefixes_.contains(prefix); }

 private:
  Policy() = default;

  absl::flat_hash_map<std::string, Profile> profiles_;
  absl::flat_hash_set<std::string> prefixes_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_POLICY_H_
