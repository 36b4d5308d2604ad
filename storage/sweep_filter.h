#ifndef STORAGE_SWEEP_FILTER_H_
#define STORAGE_SWEEP_FILTER_H_

#include <functional>
#include <memory>

#include "rocksdb/compaction_filter.h"
#include "storage/sweep_state.h"

namespace tokens::storage {

// Compaction filters that free the space of what has been swept. Each judges by one key and value, with no further
// lookup, and keeps what it cannot read: that is for a reader to report. Reads hide the same records at once, so it
// never shows when a compaction runs. `state` must outlive the database.
std::shared_ptr<rocksdb::CompactionFilterFactory> SweepTokens(const SweepState& state);
std::shared_ptr<rocksdb::CompactionFilterFactory> SweepByDid(const SweepState& state);
std::shared_ptr<rocksdb::CompactionFilterFactory> SweepLive(const SweepState& state);
std::shared_ptr<rocksdb::CompactionFilterFactory> SweepSeen(const SweepState& state);
std::shared_ptr<rocksdb::CompactionFilterFactory> SweepSessions(const SweepState& state);

}  // namespace tokens::storage

#endif  // STORAGE_SWEEP_FILTER_H_
