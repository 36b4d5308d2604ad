#ifndef TOKEN_SERVICE_RPC_METRICS_H_
#define TOKEN_SERVICE_RPC_METRICS_H_

#include <prometheus/registry.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/token_verifier.h"

namespace tokens {

inline constexpr size_t kVerdictKinds = static_cast<size_t>(Verdict::Kind::kActive) + 1;

// What a call did that is counted, if it ends well.
struct CallCounts {
  std::array<int, kVerdictKinds> verdicts = {};  // By Verdict::Kind.
  std::string minted_profile;                    // Of the token that was minted; empty if none was.
  int revoked = 0;                               // Tokens.

  void Add(Verdict::Kind kind) { ++verdicts[static_cast<size_t>(kind)]; }
};

// A call that is over.
struct FinishedCall {
  absl::string_view method;  // As in rpc_access.h; any other is counted as "other".
  absl::string_view role;    // CallerRoleName, or empty.
  absl::StatusCode code;
  absl::Duration duration;
};

// What is counted of RPCs. Cheap enough for every Validate: no label is looked up. Thread-safe.
class RpcMetrics {
 public:
  // Counts nothing.
  RpcMetrics();
  // Adds its metrics to `registry`, which must outlive it and get them once.
  explicit RpcMetrics(prometheus::Registry& registry);
  ~RpcMetrics();
  RpcMetrics(RpcMetrics&&) noexcept;
  RpcMetrics& operator=(RpcMetrics&&) noexcept;

  void Began();
  void Finished(const FinishedCall& call, const CallCounts& counts);

 private:
  struct Series;
  std::unique_ptr<Series> series_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_RPC_METRICS_H_
