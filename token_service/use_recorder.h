#ifndef TOKEN_SERVICE_USE_RECORDER_H_
#define TOKEN_SERVICE_USE_RECORDER_H_

#include <array>
#include <cstddef>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "storage/token_store.h"
#include "token_service/base/mutex.h"

namespace tokens {

// When tokens were last used, to the minute: gathers it in memory and tells the store once a minute, on a thread of its
// own until destroyed, so that Validate never waits for a write. A crash loses the last minute; the destructor tells
// the store first. What the store cannot take now it gets the next time. Thread-safe.
class UseRecorder {
 public:
  // A million tokens, about 100 MB: those over it that are used before the store was told go unrecorded that time.
  static constexpr size_t kMaxPending = 1 << 20;

  // `store` must outlive this.
  explicit UseRecorder(storage::TokenStore& store, size_t max_pending = kMaxPending);
  ~UseRecorder();
  UseRecorder(const UseRecorder&) = delete;
  UseRecorder& operator=(const UseRecorder&) = delete;

  // The token of `record`, as just found in the store, was used at `now`. Cheap, and nothing at all where the record
  // says so already.
  void Note(const storage::TokenRecord& record, absl::Time now);

  // Tells the store what is pending, as the thread does every minute.
  void Flush();

 private:
  // Several, so that validations side by side seldom wait for each other.
  struct Shard {
    Mutex mutex;
    absl::flat_hash_map<storage::TokenDigest, absl::Time> pending ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  void Run();
  void Keep(Shard& shard, const storage::TokenUse& use);
  std::vector<storage::TokenUse> Take(Shard& shard);

  storage::TokenStore& store_;
  const size_t max_pending_per_shard_;
  std::array<Shard, kShards> shards_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_USE_RECORDER_H_
