#ifndef TOKEN_SERVICE_IDENTITY_FETCH_GATE_H_
#define TOKEN_SERVICE_IDENTITY_FETCH_GATE_H_

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "token_service/base/mutex.h"

namespace tokens {

// Limits how many fetches are under way, in all and for one host. Nobody waits: who does not get in is turned away.
// Thread-safe; outlives its passes.
class FetchGate {
 public:
  // One fetch under way. Move-only; leaves the gate when destroyed.
  class Pass {
   public:
    Pass(Pass&& other) noexcept;
    Pass& operator=(Pass&&) = delete;
    ~Pass();

   private:
    friend class FetchGate;
    Pass(FetchGate& gate, std::string host) : gate_(&gate), host_(std::move(host)) {}

    FetchGate* gate_;
    std::string host_;
  };

  FetchGate(int limit, int limit_per_host) : limit_(limit), limit_per_host_(limit_per_host) {}

  // Nothing if either limit is reached.
  std::optional<Pass> Enter(const std::string& host);

 private:
  void Leave(const std::string& host);

  const int limit_;
  const int limit_per_host_;
  Mutex mutex_;
  int inside_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, int> inside_per_host_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_FETCH_GATE_H_
