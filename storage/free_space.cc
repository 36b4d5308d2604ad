#include "storage/free_space.h"

#include <sys/statvfs.h>

#include <utility>

namespace tokens::storage {

FreeSpaceProbe ProbeFileSystem(std::string directory) {
  return [directory = std::move(directory)]() -> absl::StatusOr<uint64_t> {
    struct statvfs state = {};
    if (statvfs(directory.c_str(), &state) != 0) return absl::UnavailableError("cannot tell how full the disk is");
    return uint64_t{state.f_bavail} * state.f_frsize;
  };
}

absl::Status CheckFreeSpace(const FreeSpaceProbe& probe, uint64_t reserve) {
  const absl::StatusOr<uint64_t> free = probe();
  if (!free.ok()) return free.status();
  if (*free < reserve) return absl::ResourceExhaustedError("the disk is nearly full");
  return absl::OkStatus();
}

}  // namespace tokens::storage
