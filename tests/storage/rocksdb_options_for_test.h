#ifndef TESTS_STORAGE_ROCKSDB_OPTIONS_FOR_TEST_H_
#define TESTS_STORAGE_ROCKSDB_OPTIONS_FOR_TEST_H_

#include <string>

#include "storage/rocksdb_options.h"

namespace tokens::testing {

// Small, and without a reserve: the disk of the machine that tests does not matter.
inline storage::RocksDbOptions OptionsIn(const std::string& directory) {
  storage::RocksDbOptions options;
  options.directory = directory;
  options.block_cache_bytes = 1 << 20;
  options.free_space_reserve_bytes = 0;
  return options;
}

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_ROCKSDB_OPTIONS_FOR_TEST_H_
