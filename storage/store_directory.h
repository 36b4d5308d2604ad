#ifndef STORAGE_STORE_DIRECTORY_H_
#define STORAGE_STORE_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/env.h"

namespace tokens::storage {

// Decides what a directory is before RocksDB is let at it, for RocksDB makes an empty database of what it cannot
// recognise as one. Making a store is not one step, so a marker file says that it was begun and not finished; nothing
// was acknowledged while the marker is there.
enum class StoreDirectory { kToBeMade, kMade };

// Makes `directory` (mode 0700; its parent must exist) and the marker where there is nothing yet, durably.
// INVALID_ARGUMENT if it is not a directory or cannot be made, FAILED_PRECONDITION if another process (or another store
// of this one) has it open, DATA_LOSS if it holds files but no longer those every store has.
absl::StatusOr<StoreDirectory> PrepareStoreDirectory(const std::string& directory, rocksdb::Env& env);

// Whether there is a store in `directory` that can be read while nobody writes it; touches nothing, and needs no right
// to write. NOT_FOUND: no directory, or nothing of a store in it. FAILED_PRECONDITION: another process has it open (at
// this moment; it is not kept from opening it), or it was never completed. DATA_LOSS as PrepareStoreDirectory.
absl::Status CheckStoreAtRest(const std::string& directory);

// Takes the marker away, durably: the store is complete.
absl::Status FinishStoreDirectory(const std::string& directory);

}  // namespace tokens::storage

#endif  // STORAGE_STORE_DIRECTORY_H_
