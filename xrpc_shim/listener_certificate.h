#ifndef XRPC_SHIM_LISTENER_CERTIFICATE_H_
#define XRPC_SHIM_LISTENER_CERTIFICATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/mutex.h"
#include "xrpc_shim/tls_context.h"

namespace tokens::xrpc {

// What there is to report about a certificate in use.
struct CertificateState {
  absl::Time expires;    // Its end.
  int64_t adopted = 0;   // New pairs put to use since the first.
  int64_t rejected = 0;  // Readings of files that could not be used.
};

// The certificate that the HTTPS listener presents, and the files it comes from, read again every 10 s by a thread of
// its own. A new pair serves new connections; a bad one changes nothing. Both are logged, as certificates_reloaded and
// certificates_rejected, a fault that lasts only once. Thread-safe.
class ListenerCertificate {
 public:
  // PEM files: a chain, leaf first, and its private key, without a passphrase. If the pair cannot be used, the error of
  // ReadFile or of MakeServerContext, one line. A pair that has expired can be used, which the log points out: its
  // refusal is for clients to decide.
  static absl::StatusOr<std::unique_ptr<ListenerCertificate>> Open(std::string chain_path, std::string key_path);

  ~ListenerCertificate();
  ListenerCertificate(const ListenerCertificate&) = delete;
  ListenerCertificate& operator=(const ListenerCertificate&) = delete;

  // The server's side of a new connection. Null only for want of memory.
  TlsSession NewSession() const;

  // Reads the files again, as the thread does.
  void Reload();

  CertificateState State() const;

 private:
  struct Pair {
    std::string chain;
    std::string key;
    bool operator==(const Pair& other) const { return chain == other.chain && key == other.key; }
  };

  ListenerCertificate(std::string chain_path, std::string key_path)
      : chain_path_(std::move(chain_path)), key_path_(std::move(key_path)) {}
  absl::StatusOr<Pair> Read() const;
  absl::Status Adopt();
  void Report(const absl::Status& status, int64_t adopted_before) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();

  const std::string chain_path_;
  const std::string key_path_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Pair in_use_ ABSL_GUARDED_BY(mutex_);
  TlsContext context_ ABSL_GUARDED_BY(mutex_);
  CertificateState state_ ABSL_GUARDED_BY(mutex_);
  std::string last_fault_ ABSL_GUARDED_BY(mutex_);  // As logged; empty once it is mended.
  std::thread thread_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_LISTENER_CERTIFICATE_H_
