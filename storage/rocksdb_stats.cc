#include "storage/rocksdb_stats.h"

#include <vector>

namespace tokens::storage {
namespace {

std::optional<uint64_t> SizeOfFiles(const RocksDbOptions& options) {
  std::vector<rocksdb::Env::FileAttributes> files;
  if (!options.env->GetChildrenFileAttributes(options.directory, &files).ok()) return std::nullopt;
  uint64_t size = 0;
  for (const rocksdb::Env::FileAttributes& file : files) size += file.size_bytes;
  return size;
}

}  // namespace

StoreStats ReadRocksDbStats(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* live, const RocksDbOptions& options) {
  StoreStats stats;
  if (!db.GetIntProperty(live, rocksdb::DB::Properties::kEstimateNumKeys, &stats.live_tokens)) stats.live_tokens = 0;
  DiskStats disk;
  disk.size = SizeOfFiles(options);
  if (const absl::StatusOr<uint64_t> free = options.free_space(); free.ok()) disk.free_space = *free;
  disk.free_space_reserve = options.free_space_reserve_bytes;
  disk.cache_hits = options.statistics->getTickerCount(rocksdb::BLOCK_CACHE_DATA_HIT);
  disk.cache_misses = options.statistics->getTickerCount(rocksdb::BLOCK_CACHE_DATA_MISS);
  if (!db.GetAggregatedIntProperty(rocksdb::DB::Properties::kEstimatePendingCompactionBytes,
                                   &disk.compaction_pending)) {
    disk.compaction_pending = 0;
  }
  stats.disk = disk;
  return stats;
}

}  // namespace tokens::storage
