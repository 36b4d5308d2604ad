#include "storage/open_token_store.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "storage/memory_token_store.h"
#include "storage/rocksdb_audit.h"
#include "storage/rocksdb_token_store.h"

namespace tokens::storage {
namespace {

// The directory in "rocksdb:DIR"; empty if it is not of this form.
std::string DirectoryOf(absl::string_view location) {
  return std::string(absl::ConsumePrefix(&location, "rocksdb:") ? location : "");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenTokenStore(const StoreOptions& options) {
  if (options.location == "memory:") return std::make_unique<MemoryTokenStore>();
  if (const std::string directory = DirectoryOf(options.location); !directory.empty()) {
    RocksDbOptions rocksdb;
    rocksdb.directory = directory;
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

absl::StatusOr<ProvenAudit> VerifyStoredAudit(const std::string& location, const AuditExpectations& expectations) {
  RocksDbOptions options;
  options.directory = DirectoryOf(location);
  if (options.directory.empty()) return absl::InvalidArgumentError("must be rocksdb:DIR");
  return VerifyAudit(options, expectations);
}

}  // namespace tokens::storage
