#ifndef TOKEN_SERVICE_SESSION_KEYS_H_
#define TOKEN_SERVICE_SESSION_KEYS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "token_service/base/mutex.h"
#include "token_service/jose/private_key.h"

namespace tokens {

// The keys that sign sessions' JWTs and check them. Immutable, so thread-safe.
class SessionKeys {
 public:
  // The first signs; all check. INVALID_ARGUMENT if two have one `kid`.
  static absl::StatusOr<SessionKeys> Make(std::vector<PrivateKey> keys);

  // True if there are none: sessions are off.
  bool empty() const { return keys_.empty(); }
  // There must be one.
  const PrivateKey& signer() const { return keys_.front(); }
  // Null if there is none. Lives as long as this.
  const SigningKey* Find(const std::string& kid) const;
  // The public halves as a JWK set (RFC 7517 §5), the signer first.
  std::string ToJwkSet() const;

 private:
  explicit SessionKeys(std::vector<PrivateKey> keys) : keys_(std::move(keys)) {}

  std::vector<PrivateKey> keys_;
};

// The keys in force, and the files they come from. Thread-safe.
class SessionKeyFiles {
 public:
  // Reads the files, each one private key (PrivateKey::Parse); none means that sessions are off. Logs a warning for a
  // file that others than its owner can read. INVALID_ARGUMENT with one line per fault, each beginning with the path.
  static absl::StatusOr<std::unique_ptr<SessionKeyFiles>> Open(std::vector<std::string> paths);

  // The keys in force now. Never null; stays valid while held, also across a reload.
  std::shared_ptr<const SessionKeys> Current() const;

  // Reads the files again. On an error, as of Open, the keys in force stay.
  absl::Status Reload();

 private:
  explicit SessionKeyFiles(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  const std::vector<std::string> paths_;
  mutable Mutex mutex_;
  std::shared_ptr<const SessionKeys> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_SESSION_KEYS_H_
