#ifndef STORAGE_FREE_SPACE_H_
#define STORAGE_FREE_SPACE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tokens::storage {

// How many bytes may still be written. Called before every write, from any thread.
using FreeSpaceProbe = std::function<absl::StatusOr<uint64_t>()>;

// Asks the file system of `directory` (statvfs, what an ordinary user may use). UNAVAILABLE if it cannot tell.
FreeSpaceProbe ProbeFileSystem(std::string directory);

// OK while at least `reserve` bytes are free; RESOURCE_EXHAUSTED below. The reserve is there because a write-ahead log
// that meets a full disk does not recover before it is reopened, and reopening needs room as well.
absl::Status CheckFreeSpace(const FreeSpaceProbe& probe, uint64_t reserve);

}  // namespace tokens::storage

#endif  // STORAGE_FREE_SPACE_H_
