#ifndef STORAGE_ROCKSDB_SCHEMA_H_
#define STORAGE_ROCKSDB_SCHEMA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace tokens::storage {

// Which stores this program can read. Keys and values of the column family `meta`.
inline constexpr char kSchemaKey[] = "schema_version";
inline constexpr int kSchemaVersion = 1;
inline constexpr char kTokensCutoffKey[] = "tokens_ended_cutoff";         // → EncodeTime, of SweepCutoffs.
inline constexpr char kKeysCutoffKey[] = "one_time_keys_expired_cutoff";  // The same.

// Whether a store has no column families but ours, and all that every store has (kFirstFamilies). FAILED_PRECONDITION:
// it has others, so a newer program made it. DATA_LOSS: one is missing.
absl::Status CheckFamilyNames(const std::vector<std::string>& names);

// Whether this is a version that this program reads. FAILED_PRECONDITION: newer. DATA_LOSS: it is none.
absl::Status CheckSchemaVersion(const std::optional<std::string>& stored);

}  // namespace tokens::storage

#endif  // STORAGE_ROCKSDB_SCHEMA_H_
