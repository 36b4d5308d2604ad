#include "token_service/identity/did_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "token_service/identity/did_document.h"

namespace tokens {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

absl::StatusOr<std::string> ReadDidFolder(const std::string& folder, const std::string& did) {
  const std::string path = absl::StrCat(folder, "/", did, ".json");
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe must not hold us up
  if (file.get() < 0) {
    // A DID may be longer than a file name.
    if (errno == ENOENT || errno == ENAMETOOLONG) return absl::NotFoundError(absl::StrCat("no document for ", did));
    return absl::UnavailableError(absl::StrCat("cannot open the document of ", did));
  }
  struct stat info;
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::UnavailableError(absl::StrCat("the document of ", did, " is not a file"));
  }
  std::string document(kMaxDidDocumentBytes + 1, '\0');
  size_t length = 0;
  while (length < document.size()) {
    const ssize_t got = read(file.get(), document.data() + length, document.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::UnavailableError(absl::StrCat("cannot read the document of ", did));
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  if (length > kMaxDidDocumentBytes)
    return absl::UnavailableError(absl::StrCat("the document of ", did, " is too big"));
  document.resize(length);
  return document;
}

}  // namespace tokens
