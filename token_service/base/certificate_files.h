#ifndef TOKEN_SERVICE_BASE_CERTIFICATE_FILES_H_
#define TOKEN_SERVICE_BASE_CERTIFICATE_FILES_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/memory_file.h"
#include "token_service/base/mutex.h"
#include "token_service/base/tls_files.h"

namespace tokens {

// Told of certificates, on the thread that reads them.
struct CertificateObserver {
  // From now on certificates are in use of which the first ends at `end`; which: "server" or "client" (ours), "ca".
  std::function<void(const std::string& which, absl::Time end)> in_use;
  // What came of files that were replaced.
  std::function<void(const absl::Status& outcome)> reloaded;
};

// The certificates of mutual TLS in use, and the files they come from, looked at every 5 s by a thread of its own. What
// does not hold changes nothing: gRPC reads files by itself, but has no certificate at all once one of them is bad, so
// it is given copies of what was found good. Thread-safe.
class CertificateFiles {
 public:
  // Reads and checks the files of `tls`; none if it is empty. `own` is what our certificate is for, "server" or
  // "client". NOT_FOUND, UNAVAILABLE if one cannot be read; INVALID_ARGUMENT if one does not hold PEM certificates, or
  // the key is not that of the certificate. Each names the file.
  static absl::StatusOr<std::unique_ptr<CertificateFiles>> Open(const TlsFiles& tls, const std::string& own,
                                                                CertificateObserver observer);
  ~CertificateFiles();
  CertificateFiles(const CertificateFiles&) = delete;
  CertificateFiles& operator=(const CertificateFiles&) = delete;

  // Where to read what is in use, for as long as this lives: each path always leads to something good, and certificate
  // and key are one file. Empty if there is none.
  const TlsFiles& in_use() const { return in_use_; }

  // Looks at the files, as the thread does. Good ones are in use at once, ours and the CA's each for itself. A fault is
  // told once two looks have found the same, for certificate and key are written one after the other.
  void Look();

 private:
  // A file to read, alone or with the key of its first certificate.
  struct Source {
    std::string which;
    std::string path;
    std::string key_path;  // Empty for none.
    std::string contents;  // In use, the key included,
    MemoryFile copy;       // and where it is read.
    absl::Status seen;     // What the last look found,
    absl::Status told;     // and what was told last.
  };

  explicit CertificateFiles(CertificateObserver observer) : observer_(std::move(observer)) {}

  // Reads `source` and puts it to use.
  absl::Status Add(const std::string& which, const std::string& path, const std::string& key_path);
  void Look(Source& source) const;
  void Run();

  const CertificateObserver observer_;
  TlsFiles in_use_;
  Mutex look_mutex_;
  std::vector<Source> sources_ ABSL_GUARDED_BY(look_mutex_);
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// The end of the first that ends among the certificates of `pem`. INVALID_ARGUMENT if there is none, or one is damaged;
// with `key_pem` not empty also unless that is the private key of the first.
absl::StatusOr<absl::Time> FirstEnd(const std::string& pem, const std::string& key_pem);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_CERTIFICATE_FILES_H_
