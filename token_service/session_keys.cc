#include "token_service/session_keys.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "token_service/base/read_file.h"
#include "token_service/key_file.h"

namespace tokens {
namespace {

constexpr size_t kMaxKeyFileBytes = 16 << 10;

absl::StatusOr<PrivateKey> ReadKey(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path, kMaxKeyFileBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<PrivateKey> key = PrivateKey::Parse(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", key.status().message()));
  WarnIfOthersCanRead(path, "session_key_exposed");
  return key;
}

absl::StatusOr<SessionKeys> ReadKeys(const std::vector<std::string>& paths) {
  std::vector<PrivateKey> keys;
  std::vector<std::string> faults;
  for (const std::string& path : paths) {
    absl::StatusOr<PrivateKey> key = ReadKey(path);
    if (key.ok()) {
      keys.push_back(*std::move(key));
    } else {
      faults.emplace_back(key.status().message());
    }
  }
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  return SessionKeys::Make(std::move(keys));
}

}  // namespace

absl::StatusOr<SessionKeys> SessionKeys::Make(std::vector<PrivateKey> keys) {
  std::set<std::string> kids;
  for (const PrivateKey& key : keys) {
    if (!kids.insert(key.kid()).second) return absl::InvalidArgumentError("two keys have the same kid");
  }
  return SessionKeys(std::move(keys));
}

const SigningKey* SessionKeys::Find(const std::string& kid) const {
  const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const PrivateKey& k) { return k.kid() == kid; });
  return key == keys_.end() ? nullptr : &key->public_key();
}

std::string SessionKeys::ToJwkSet() const {
  nlohmann::json set = {{"keys", nlohmann::json::array()}};
  for (const PrivateKey& key : keys_) set["keys"].push_back(key.public_jwk());
  return set.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

absl::StatusOr<std::unique_ptr<SessionKeyFiles>> SessionKeyFiles::Open(std::vector<std::string> paths) {
  std::unique_ptr<SessionKeyFiles> files(new SessionKeyFiles(std::move(paths)));
  if (absl::Status status = files->Reload(); !status.ok()) return status;
  return files;
}

std::shared_ptr<const SessionKeys> SessionKeyFiles::Current() const {
  MutexLock lock(mutex_);
  return current_;
}

absl::Status SessionKeyFiles::Reload() {
  absl::StatusOr<SessionKeys> keys = ReadKeys(paths_);
  if (!keys.ok()) return keys.status();
  auto current = std::make_shared<const SessionKeys>(*std::move(keys));
  MutexLock lock(mutex_);
  current_ = std::move(current);
  return absl::OkStatus();
}

}  // namespace tokens
