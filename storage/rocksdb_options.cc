#include "storage/rocksdb_options.h"

#include <cstdarg>
#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "storage/sweep_filter.h"

namespace tokens::storage {
namespace {

constexpr uint64_t kWriteBufferBytes = 64 << 20;
constexpr uint64_t kRewriteColdFilesSeconds = 7 * 24 * 3600;
constexpr double kFilterBitsPerKey = 16;  // Floods of made-up tokens must not reach the disk.

// Hands warnings and errors to the store's log. RocksDB's own logger writes into the directory of the database, and
// Debian's build aborts in it when the disk is full.
class ForwardingLogger : public rocksdb::Logger {
 public:
  explicit ForwardingLogger(StoreLog log) : Logger(rocksdb::WARN_LEVEL), log_(std::move(log)) {}

  using Logger::Logv;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (!log_ || level < rocksdb::WARN_LEVEL || level == rocksdb::HEADER_LEVEL) return;
    char text[1024];
    std::vsnprintf(text, sizeof(text), format, arguments);
    // Two warnings of every backup, of nothing.
    if (absl::StrContains(text, "File Deletions ")) return;
    log_(text);
  }

 private:
  const StoreLog log_;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> MakeLogger(const StoreLog& log) { return std::make_shared<ForwardingLogger>(log); }

rocksdb::DBOptions MakeDbOptions(const RocksDbOptions& options) {
  rocksdb::DBOptions db;
  if (options.env != nullptr) db.env = options.env;
  db.info_log = MakeLogger(options.log);
  db.statistics = options.statistics;
  db.create_if_missing = false;
  db.paranoid_checks = true;
  db.track_and_verify_wals_in_manifest = true;
  db.wal_recovery_mode = options.strict_wal ? rocksdb::WALRecoveryMode::kAbsoluteConsistency
                                            : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // All families are flushed together: one log at a time holds what is not in tables yet.
  db.atomic_flush = true;
  db.db_write_buffer_size = kWriteBufferBytes;
  db.max_open_files = -1;
  return db;
}

std::array<rocksdb::ColumnFamilyOptions, kFamilies> MakeFamilyOptions(const RocksDbOptions& options,
                                                                      const SweepState& sweep) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 4 << 10;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.cache_index_and_filter_blocks = false;  // They stay in memory beside the cache: 2 to 3 bytes a key.
  table.format_version = 5;
  const auto plain_tables = std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  table.whole_key_filtering = true;
  const auto filtered_tables = std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));

  std::array<rocksdb::ColumnFamilyOptions, kFamilies> families;
  for (rocksdb::ColumnFamilyOptions& family : families) {
    family.table_factory = plain_tables;
    family.compression = rocksdb::kLZ4Compression;
    family.write_buffer_size = kWriteBufferBytes;
  }
  // Families that are read by whole keys which are often not there.
  for (const Family family : {Family::kTokens, Family::kAccounts, Family::kSeen, Family::kSessions}) {
    families[static_cast<int>(family)].table_factory = filtered_tables;
  }
  const auto sweep_with = [&](Family family, std::shared_ptr<rocksdb::CompactionFilterFactory> filter) {
    families[static_cast<int>(family)].compaction_filter_factory = std::move(filter);
    families[static_cast<int>(family)].periodic_compaction_seconds = kRewriteColdFilesSeconds;
  };
  sweep_with(Family::kTokens, SweepTokens(sweep));
  sweep_with(Family::kByDid, SweepByDid(sweep));
  sweep_with(Family::kLive, SweepLive(sweep));
  sweep_with(Family::kSeen, SweepSeen(sweep));
  sweep_with(Family::kSessions, SweepSessions(sweep));
  return families;
}

}  // namespace tokens::storage
