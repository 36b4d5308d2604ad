#include "storage/rocksdb_schema.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "storage/rocksdb_options.h"

namespace tokens::storage {
namespace {

absl::Status Newer() { return absl::FailedPreconditionError("the store was made by a newer version of this program"); }

}  // namespace

absl::Status CheckFamilyNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::find(kFamilyNames.begin(), kFamilyNames.end(), name) == kFamilyNames.end()) return Newer();
  }
  for (int i = 0; i < kFirstFamilies; ++i) {
    if (std::find(names.begin(), names.end(), kFamilyNames[i]) == names.end()) {
      return absl::DataLossError("the store is damaged: a column family is missing");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSchemaVersion(const std::optional<std::string>& stored) {
  int version = 0;
  if (!stored || !absl::SimpleAtoi(*stored, &version) || version < 1) {
    return absl::DataLossError("the store is damaged: it has no schema version");
  }
  return version > kSchemaVersion ? Newer() : absl::OkStatus();
}

}  // namespace tokens::storage
