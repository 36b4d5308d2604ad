#ifndef TOKEN_SERVICE_AUDIT_KEY_H_
#define TOKEN_SERVICE_AUDIT_KEY_H_

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/audit_checkpoint.h"
#include "token_service/base/mutex.h"

namespace tokens {

// The private key (Ed25519) that signs the audit's checkpoints. Immutable, so thread-safe. Cannot be printed.
class AuditKey {
 public:
  // From unencrypted PEM. INVALID_ARGUMENT if it is no private key, or of another kind.
  static absl::StatusOr<AuditKey> Parse(absl::string_view pem);

  // Names the key: the first 8 bytes of SHA-256 of its public half as SubjectPublicKeyInfo (DER), in lower-case hex.
  const std::string& id() const { return id_; }

  // A checkpoint of `head`, which must not be the default; `time` is floored to the microsecond. INTERNAL if the
  // library fails.
  absl::StatusOr<storage::AuditCheckpoint> Sign(const storage::AuditHead& head, absl::Time time) const;

 private:
  AuditKey(std::shared_ptr<EVP_PKEY> key, std::string id) : key_(std::move(key)), id_(std::move(id)) {}

  std::shared_ptr<EVP_PKEY> key_;
  std::string id_;
};

// The public half, which checks what the private one signed. Immutable, so thread-safe.
class AuditPublicKey {
 public:
  // From PEM (SubjectPublicKeyInfo). INVALID_ARGUMENT if it is no public key, or of another kind.
  static absl::StatusOr<AuditPublicKey> Parse(absl::string_view pem);
  // The same from a file; each error begins with its path.
  static absl::StatusOr<AuditPublicKey> Read(const std::string& path);

  const std::string& id() const { return id_; }

  // Whether the holder of the private half signed the checkpoint.
  bool Signed(const storage::AuditCheckpoint& checkpoint) const;

 private:
  AuditPublicKey(std::shared_ptr<EVP_PKEY> key, std::string id) : key_(std::move(key)), id_(std::move(id)) {}

  std::shared_ptr<EVP_PKEY> key_;
  std::string id_;
};

// The key in force, and the file it comes from. Thread-safe.
class AuditKeyFile {
 public:
  // Reads the file (AuditKey::Parse). An empty path means that nothing is signed. Logs a warning if others than its
  // owner can read it. INVALID_ARGUMENT, NOT_FOUND or UNAVAILABLE with one line that begins with the path.
  static absl::StatusOr<std::unique_ptr<AuditKeyFile>> Open(std::string path);

  // The key in force now, valid while held, also across a reload. Null if nothing is signed.
  std::shared_ptr<const AuditKey> Current() const;

  // Reads the file again. On an error, as of Open, the key in force stays.
  absl::Status Reload();

 private:
  explicit AuditKeyFile(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  mutable Mutex mutex_;
  std::shared_ptr<const AuditKey> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_AUDIT_KEY_H_
