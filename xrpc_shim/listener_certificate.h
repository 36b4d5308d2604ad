#ifndef XRPC_SHIM_LISTENER_CERTIFICATE_H_
#define XRPC_SHIM_LISTENER_CERTIFICATE_H_

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "token_service/base/certificate_files.h"
#include "token_service/base/mutex.h"
#include "xrpc_shim/tls_context.h"

namespace tokens::xrpc {

// The certificate that the HTTPS listener presents, and the files it comes from, read again every 10 s by a thread of
// its own. A new pair serves new connections; a bad one changes nothing. Both are logged, as certificates_reloaded and
// certificates_rejected, a fault that lasts only once. Thread-safe.
class ListenerCertificate {
 public:
  // PEM files: a chain, leaf first, and its private key, without a passphrase. If the pair cannot be used, the error of
  // ReadFile or of MakeServerContext, one line. A pair that has expired can be used, which the log points out: its
  // refusal is for clients to decide.
  // `observer` is told as CertificateFiles tells it, of a "server" certificate.
  static absl::StatusOr<std::unique_ptr<ListenerCertificate>> Open(std::string chain_path, std::string key_path,
                                                                   CertificateObserver observer);

  ~ListenerCertificate();
  ListenerCertificate(const ListenerCertificate&) = delete;
  ListenerCertificate& operator=(const ListenerCertificate&) = delete;

  // The server's side of a new connection. Null only for want of memory.
  TlsSession NewSession() const;

  // Reads the files again, as the thread does.
  void Reload();

 private:
  struct Pair {
    std::string chain;
    std::string key;
    bool operator==(const Pair& other) const { return chain == other.chain && key == other.key; }
  };

  ListenerCertificate(std::string chain_path, std::string key_path, CertificateObserver observer)
      : chain_path_(std::move(chain_path)), key_path_(std::move(key_path)), observer_(std::move(observer)) {}
  absl::StatusOr<Pair> Read() const;
  absl::StatusOr<bool> Adopt();
  void Report(const absl::StatusOr<bool>& adopted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();

  const std::string chain_path_;
  const std::string key_path_;
  const CertificateObserver observer_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Pair in_use_ ABSL_GUARDED_BY(mutex_);
  TlsContext context_ ABSL_GUARDED_BY(mutex_);
  absl::Time expires_ ABSL_GUARDED_BY(mutex_);
  std::string last_fault_ ABSL_GUARDED_BY(mutex_);  // As logged; empty once it is mended.
  std::thread thread_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_LISTENER_CERTIFICATE_H_
