#include "storage/open_token_store.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "storage/memory_token_store.h"
#include "storage/rocksdb_audit.h"
#include "storage/rocksdb_token_store.h"

namespace tokens::storage {

absl::StatusOr<std::string> DirectoryOf(const std::string& location) {
  absl::string_view directory = location;
  if (absl::ConsumePrefix(&directory, "rocksdb:") && !directory.empty()) return std::string(directory);
  return absl::InvalidArgumentError("must be rocksdb:DIR");
}

namespace {

absl::StatusOr<std::unique_ptr<Store>> OpenBackend(const StoreOptions& options) {
  if (options.location == "memory:") return std::make_unique<MemoryTokenStore>();
  if (const absl::StatusOr<std::string> directory = DirectoryOf(options.location); directory.ok()) {
    RocksDbOptions rocksdb;
    rocksdb.directory = *directory;
    rocksdb.block_cache_bytes = options.block_cache_bytes;
    rocksdb.free_space_reserve_bytes = options.free_space_reserve_bytes;
    rocksdb.strict_wal = options.strict_wal;
    rocksdb.log = options.log;
    rocksdb.synced = options.synced;
    absl::StatusOr<std::unique_ptr<RocksDbTokenStore>> store = RocksDbTokenStore::Open(rocksdb);
    if (!store.ok()) return store.status();
    return *std::move(store);
  }
  return absl::InvalidArgumentError("the store must be rocksdb:DIR or memory:");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenTokenStore(const StoreOptions& options) {
  absl::StatusOr<std::unique_ptr<Store>> store = OpenBackend(options);
  if (!store.ok() || !options.failed) return store;
  return std::make_unique<MeteredStore>(*std::move(store), options.failed);
}

absl::StatusOr<ProvenAudit> VerifyStoredAudit(const std::string& location, const AuditExpectations& expectations) {
  RocksDbOptions options;
  const absl::StatusOr<std::string> directory = DirectoryOf(location);
  if (!directory.ok()) return directory.status();
  options.directory = *directory;
  return VerifyAudit(options, expectations);
}

}  // namespace tokens::storage
