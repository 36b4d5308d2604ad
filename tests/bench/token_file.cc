#include "tests/bench/token_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace tokens::bench {

absl::StatusOr<TokenFile> TokenFile::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::UnavailableError(absl::StrCat("cannot open ", path));
  struct stat status {};
  if (fstat(file, &status) != 0 || status.st_size == 0 || status.st_size % kTokenBytes != 0) {
    close(file);
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a file of tokens"));
  }
  const auto size = static_cast<size_t>(status.st_size);
  void* const bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  close(file);
  if (bytes == MAP_FAILED) return absl::UnavailableError(absl::StrCat("cannot map ", path));
  return TokenFile(absl::string_view(static_cast<const char*>(bytes), size));
}

TokenFile::TokenFile(TokenFile&& other) noexcept : bytes_(std::exchange(other.bytes_, absl::string_view())) {}

TokenFile::~TokenFile() {
  if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace tokens::bench
