#ifndef TOKEN_SERVICE_BASE_MEMORY_FILE_H_
#define TOKEN_SERVICE_BASE_MEMORY_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tokens {

// A file that is in memory only and has no name, for a library that reads files: it has a path in this process.
// Movable.
class MemoryFile {
 public:
  // UNAVAILABLE if the system gives none.
  static absl::StatusOr<MemoryFile> Create(absl::string_view contents);

  ~MemoryFile();
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;

  // For as long as this lives: whoever opens it gets the contents whole, those before or those after a Replace.
  const std::string& path() const { return path_; }

  // On an error, as of Create, the contents stay.
  absl::Status Replace(absl::string_view contents);

 private:
  explicit MemoryFile(int descriptor);

  int descriptor_;  // -1 once moved from.
  std::string path_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_MEMORY_FILE_H_
