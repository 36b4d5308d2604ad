#ifndef TESTS_STORAGE_STORE_BACKEND_H_
#define TESTS_STORAGE_STORE_BACKEND_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "storage/memory_token_store.h"
#include "storage/rocksdb_token_store.h"
#include "tests/storage/rocksdb_options_for_test.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {

// A kind of store that every implementation-independent test runs on.
class StoreBackend {
 public:
  virtual ~StoreBackend() = default;
  virtual storage::Store& store() = 0;
  // Opens; closes before if it is open. A store that keeps nothing stays as it is.
  virtual absl::Status Reopen() = 0;
};

class MemoryBackend : public StoreBackend {
 public:
  storage::Store& store() override { return store_; }
  absl::Status Reopen() override { return absl::OkStatus(); }

 private:
  storage::MemoryTokenStore store_;
};

// Closed until the first Reopen.
class RocksDbBackend : public StoreBackend {
 public:
  storage::RocksDbTokenStore& store() override { return *store_; }
  absl::Status Reopen() override {
    store_.reset();
    absl::StatusOr<std::unique_ptr<storage::RocksDbTokenStore>> opened = storage::RocksDbTokenStore::Open(options_);
    if (!opened.ok()) return opened.status();
    store_ = *std::move(opened);
    return absl::OkStatus();
  }

 private:
  TempDirectory directory_;
  const storage::RocksDbOptions options_ = OptionsIn(directory_ / "store");
  std::unique_ptr<storage::RocksDbTokenStore> store_;
};

// Parameter of the tests that run on every backend.
struct BackendCase {
  std::string name;
  std::function<std::unique_ptr<StoreBackend>()> make;

  friend void PrintTo(const BackendCase& backend, std::ostream* out) { *out << backend.name; }
};

inline auto EveryBackend() {
  return ::testing::Values(BackendCase{"Memory", [] { return std::make_unique<MemoryBackend>(); }},
                           BackendCase{"RocksDb", [] { return std::make_unique<RocksDbBackend>(); }});
}

inline std::string BackendName(const ::testing::TestParamInfo<BackendCase>& test) { return test.param.name; }

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_STORE_BACKEND_H_
