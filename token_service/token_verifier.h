#ifndef TOKEN_SERVICE_TOKEN_VERIFIER_H_
#define TOKEN_SERVICE_TOKEN_VERIFIER_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/token_store.h"
#include "token_service/base/clock.h"
#include "token_service/policy.h"
#include "token_service/policy_file.h"
#include "token_service/use_recorder.h"

namespace tokens {

// The answer to "does this token hold?". The default is a refusal.
struct Verdict {
  enum class Kind {
    kUnknown,
    kMalformed,
    kExpired,
    kRevoked,
    kAccountInactive,
    kMethodNotAllowed,
    kDpopKeyMismatch,
    kActive
  };
  Kind kind = Kind::kUnknown;
  // What the token is, whenever there is such a token, also a refused one (for the log).
  std::optional<storage::TokenRecord> record;
};

// The whole rule for a token that exists. Pure. An empty `method` asks only whether it is alive.
Verdict::Kind Judge(const storage::TokenRecord& record, const Policy& policy, absl::string_view method, absl::Time now);

// The rules of Validate. Thread-safe; reads the store once, and notes the use of a token that holds.
class TokenVerifier {
 public:
  // All must outlive this.
  TokenVerifier(storage::TokenStore& store, const PolicyFile& policy, Clock& clock, UseRecorder& uses)
      : store_(store), policy_(policy), clock_(clock), uses_(uses) {}

  // An error means that we could not tell, never that the token is bad.
  absl::StatusOr<Verdict> Verify(absl::string_view token, absl::string_view method);

 private:
  storage::TokenStore& store_;
  const PolicyFile& policy_;
  Clock& clock_;
  UseRecorder& uses_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_TOKEN_VERIFIER_H_
