#ifndef STORAGE_ROCKSDB_STATS_H_
#define STORAGE_ROCKSDB_STATS_H_

#include "rocksdb/db.h"
#include "storage/rocksdb_options.h"
#include "storage/store_stats.h"

namespace tokens::storage {

// The stats of an open database, of whose families `live` is Family::kLive. Lists the files of the directory; beyond
// that it asks for what RocksDB knows by heart.
StoreStats ReadRocksDbStats(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* live, const RocksDbOptions& options);

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_STATS_H_
