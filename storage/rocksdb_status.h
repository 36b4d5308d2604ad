#ifndef STORAGE_ROCKSDB_STATUS_H_
#define STORAGE_ROCKSDB_STATUS_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "rocksdb/status.h"

namespace tokens::storage {

// Where warnings and errors of the store go, one text per call, from any thread. May be empty.
using StoreLog = std::function<void(const std::string& message)>;

// OK for OK; Corruption is DATA_LOSS, a full disk RESOURCE_EXHAUSTED, anything else UNAVAILABLE. The text says only
// `action` ("read a token"); what RocksDB said (paths, keys) goes to `log`.
[[nodiscard]] absl::Status FromRocksDb(const rocksdb::Status& status, const char* action, const StoreLog& log);

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_STATUS_H_
