#include "token_service/base/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace tokens {
namespace {

// The descriptor of a new file with these contents.
absl::StatusOr<int> Write(absl::string_view contents) {
  const absl::Status error = absl::UnavailableError("the system gives no file in memory");
  const int descriptor = ::memfd_create("tokens", MFD_CLOEXEC);
  if (descriptor < 0) return error;
  while (!contents.empty()) {
    const ssize_t written = ::write(descriptor, contents.data(), contents.size());
    if (written <= 0) {
      ::close(descriptor);
      return error;
    }
    contents.remove_prefix(static_cast<size_t>(written));
  }
  return descriptor;
}

}  // namespace

MemoryFile::MemoryFile(int descriptor) : descriptor_(descriptor), path_(absl::StrCat("/proc/self/fd/", descriptor)) {}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

absl::StatusOr<MemoryFile> MemoryFile::Create(absl::string_view contents) {
  const absl::StatusOr<int> descriptor = Write(contents);
  if (!descriptor.ok()) return descriptor.status();
  return MemoryFile(*descriptor);
}

absl::Status MemoryFile::Replace(absl::string_view contents) {
  const absl::StatusOr<int> next = Write(contents);
  if (!next.ok()) return next.status();
  const bool replaced = ::dup3(*next, descriptor_, O_CLOEXEC) >= 0;  // in one step, for whoever opens path_
  ::close(*next);
  return replaced ? absl::OkStatus() : absl::UnavailableError("the system gives no file in memory");
}

}  // namespace tokens
