#include "storage/open_token_store.h"

#include <utility>

#include "absl/strings/strip.h"
#include "storage/memory_token_store.h"
#include "storage/rocksdb_token_store.h"

namespace tokens::storage {

absl::StatusOr<std::unique_ptr<TokenStore>> OpenTokenStore(const StoreOptions& options) {
  absl::string_view rest = options.location;
  if (rest == "memory:") return std::make_unique<MemoryTokenStore>();
  if (absl::ConsumePrefix(&rest, "rocksdb:") && !rest.empty()) {
    RocksDbOptions rocksdb;
    rocksdb.directory = std::string(rest);
    rocksdb.block_cache_bytes = options.block_cache_bytes;
    rocksdb.free_space_reserve_bytes = options.free_space_reserve_bytes;
    rocksdb.strict_wal = options.strict_wal;
    rocksdb.log = options.log;
    absl::StatusOr<std::unique_ptr<RocksDbTokenStore>> store = RocksDbTokenStore::Open(rocksdb);
    if (!store.ok()) return store.status();
    return *std::move(store);
  }
  return absl::InvalidArgumentError("the store must be rocksdb:DIR or memory:");
}

}  // namespace tokens::storage
