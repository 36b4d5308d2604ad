#include "storage/open_token_store.h"

#include <utility>

#include "absl/strings/strip.h"
#include "storage/memory_token_store.h"
#include "storage/rocksdb_token_store.h"

namespace tokens::storage {
namespace {

template <typename Store>
OpenedStore Opened(std::unique_ptr<Store> store) {
  SessionStore* const sessions = store.get();
  return {std::move(store), sessions};
}

}  // namespace

absl::StatusOr<OpenedStore> OpenTokenStore(const StoreOptions& options) {
  absl::string_view rest = options.location;
  if (rest == "memory:") return Opened(std::make_unique<MemoryTokenStore>());
  if (absl::ConsumePrefix(&rest, "rocksdb:") && !rest.empty()) {
    RocksDbOptions rocksdb;
    rocksdb.directory = std::string(rest);
    rocksdb.block_cache_bytes = options.block_cache_bytes;
    rocksdb.free_space_reserve_bytes = options.free_space_reserve_bytes;
    rocksdb.strict_wal = options.strict_wal;
    rocksdb.log = options.log;
    absl::StatusOr<std::unique_ptr<RocksDbTokenStore>> store = RocksDbTokenStore::Open(rocksdb);
    if (!store.ok()) return store.status();
    return Opened(*std::move(store));
  }
  return absl::InvalidArgumentError("the store must be rocksdb:DIR or memory:");
}

}  // namespace tokens::storage
