#ifndef STORAGE_ROCKSDB_OPTIONS_H_
#define STORAGE_ROCKSDB_OPTIONS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "rocksdb/env.h"
#include "rocksdb/options.h"
#include "rocksdb/statistics.h"
#include "storage/free_space.h"
#include "storage/rocksdb_status.h"
#include "storage/store_stats.h"
#include "storage/sweep_state.h"

namespace tokens::storage {

// How a RocksDB store is opened.
struct RocksDbOptions {
  std::string directory;
  uint64_t block_cache_bytes = 256 << 20;
  // Writes are refused while less is free.
  uint64_t free_space_reserve_bytes = 256 << 20;
  // Unset: ask the file system of `directory`.
  FreeSpaceProbe free_space;
  // Off: a write-ahead log that ends in the middle of a write is taken up to there. A crash leaves such an end, and
  // what is cut off was never acknowledged; but damage to acknowledged writes in the last 32 KiB of the log can look
  // the same. On: such a log is DATA_LOSS too, and after a power cut the operator has to decide. Damage anywhere else
  // is DATA_LOSS either way; a log cut exactly between two writes can be told in neither.
  bool strict_wal = false;
  StoreLog log;
  SyncObserver synced;  // May be empty.
  // Null: the operating system. Not owned; must outlive the store.
  rocksdb::Env* env = nullptr;
  std::shared_ptr<rocksdb::Statistics> statistics;  // Null: one of its own, with counters only.
};

// The column families (what is in each: rocksdb_keys.h). kDefault is there because RocksDB wants it; it is empty.
enum class Family { kDefault, kTokens, kByDid, kLive, kAccounts, kSeen, kSessions, kMeta, kAudit, kCheckpoints };
inline constexpr int kFamilies = 10;
inline constexpr std::array<const char*, kFamilies> kFamilyNames = {
    "default", "tokens", "by_did", "live", "accounts", "seen", "sessions", "meta", "audit", "checkpoints"};
// So many were there from the first. The others are made in a store that an older program made.
inline constexpr int kFirstFamilies = 9;

// RocksDB's warnings and errors go to `log`. For whatever of RocksDB takes a logger: its own can abort on a full disk.
std::shared_ptr<rocksdb::Logger> MakeLogger(const StoreLog& log);

// RocksDB's settings for these options. `sweep` must outlive the database.
rocksdb::DBOptions MakeDbOptions(const RocksDbOptions& options);
std::array<rocksdb::ColumnFamilyOptions, kFamilies> MakeFamilyOptions(const RocksDbOptions& options,
                                                                      const SweepState& sweep);

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_OPTIONS_H_
