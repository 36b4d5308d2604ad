#ifndef STORAGE_STORE_STATS_H_
#define STORAGE_STORE_STATS_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/time/time.h"

namespace tokens::storage {

// How a store on a disk is doing. Sizes in bytes; what cannot be told is absent.
struct DiskStats {
  std::optional<uint64_t> size;        // Of all files of the store.
  std::optional<uint64_t> free_space;  // Of its file system.
  uint64_t free_space_reserve = 0;     // Writes are refused while less is free.
  uint64_t cache_hits = 0;             // Look-ups of data blocks in the cache since the store was opened,
  uint64_t cache_misses = 0;           // and those that had to read the block.
  uint64_t compaction_pending = 0;     // What compaction still has to rewrite; an estimate.
};

struct StoreStats {
  // Tokens that were not revoked one by one and are not swept: an estimate of the live ones that is rather too high,
  // for the expired count until they are swept, and so may those that were revoked with their account.
  uint64_t live_tokens = 0;
  std::optional<DiskStats> disk;  // Absent for a store that has none.
};

// Thread-safe. Holds up no other call, and looks at no token (MemoryTokenStore alone counts them).
class StatsSource {
 public:
  virtual ~StatsSource() = default;
  virtual StoreStats ReadStats() = 0;
};

// Told how long a sync of the write-ahead log took, with the write that it was for, on the thread that wrote. Must not
// block.
using SyncObserver = std::function<void(absl::Duration)>;

}  // namespace tokens::storage

#endif  // STORAGE_STORE_STATS_H_
