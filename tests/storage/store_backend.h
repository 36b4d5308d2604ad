#ifndef TESTS_STORAGE_STORE_BACKEND_H_
#define TESTS_STORAGE_STORE_BACKEND_H_

#include <memory>
#include <string>

#include "storage/memory_token_store.h"
#include "storage/rocksdb_token_store.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {

// A kind of store that every implementation-independent test runs on.
class StoreBackend {
 public:
  virtual ~StoreBackend() = default;
  virtual storage::TokenStore& store() = 0;
  // Opens; closes before if it is open. A store that keeps nothing stays as it is.
  virtual absl::Status Reopen() = 0;
};

class MemoryBackend : public StoreBackend {
 public:
  storage::TokenStore& store() override { return store_; }
  absl::Status Reopen() override { return absl::OkStatus(); }

 private:
  storage::MemoryTokenStore store_;
};

class RocksDbBackend : public StoreBackend {
 public:
  // Closed until the first Reopen.
  RocksDbBackend() {
    options_.directory = directory_ / "store";
    options_.block_cache_bytes = 1 << 20;
    options_.free_space_reserve_bytes = 0;
  }
  storage::TokenStore& store() override { return *store_; }
  absl::Status Reopen() override {
    store_.reset();
    absl::StatusOr<std::unique_ptr<storage::RocksDbTokenStore>> opened = storage::RocksDbTokenStore::Open(options_);
    if (!opened.ok()) return opened.status();
    store_ = *std::move(opened);
    return absl::OkStatus();
  }

 private:
  TempDirectory directory_;
  storage::RocksDbOptions options_;
  std::unique_ptr<storage::RocksDbTokenStore> store_;
};

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_STORE_BACKEND_H_
