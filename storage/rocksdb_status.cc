#include "storage/rocksdb_status.h"

#include "absl/strings/str_cat.h"

namespace tokens::storage {

absl::Status FromRocksDb(const rocksdb::Status& status, const char* action, const StoreLog& log) {
  if (status.ok()) return absl::OkStatus();
  if (log) log(absl::StrCat("cannot ", action, ": ", status.ToString()));
  if (status.IsCorruption()) return absl::DataLossError(absl::StrCat("cannot ", action, ": damaged data"));
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(absl::StrCat("cannot ", action, ": the disk is full"));
  return absl::UnavailableError(absl::StrCat("cannot ", action));
}

}  // namespace tokens::storage
