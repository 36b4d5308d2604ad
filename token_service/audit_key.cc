#include "token_service/audit_key.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "token_service/base/read_file.h"
#include "token_service/jose/sha256.h"
#include "token_service/key_file.h"

namespace tokens {
namespace {

constexpr size_t kMaxKeyFileBytes = 16 << 10;
constexpr size_t kKeyIdBytes = 8;

using Key = std::shared_ptr<EVP_PKEY>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using ReadPem = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

// Leaves the thread's OpenSSL error queue as it was.
class ErrorMark {
 public:
  ErrorMark() { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Never asks a terminal for a passphrase.
int RefusePassphrase(char*, int, int, void*) { return -1; }

// Null if `read` finds no key in the text.
Key KeyFrom(absl::string_view pem, ReadPem read) {
  const ErrorMark mark;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  if (bio == nullptr) return nullptr;
  return {read(bio.get(), nullptr, RefusePassphrase, nullptr), &EVP_PKEY_free};
}

// Empty if the library fails.
std::string IdOf(EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  if (size <= 0) return "";
  const std::string digest = Sha256({reinterpret_cast<const char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return absl::BytesToHexString(absl::string_view(digest).substr(0, kKeyIdBytes));
}

absl::Status CheckKey(const EVP_PKEY* key, absl::string_view kind) {
  if (key == nullptr) return absl::InvalidArgumentError(absl::StrCat("not PEM of an unencrypted ", kind, " key"));
  if (EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return absl::InvalidArgumentError("not an Ed25519 key");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AuditKey> AuditKey::Parse(absl::string_view pem) {
  Key key = KeyFrom(pem, PEM_read_bio_PrivateKey);
  if (absl::Status status = CheckKey(key.get(), "private"); !status.ok()) return status;
  std::string id = IdOf(*key);
  if (id.empty()) return absl::InternalError("the library does not take the key");
  return AuditKey(std::move(key), std::move(id));
}

absl::StatusOr<storage::AuditCheckpoint> AuditKey::Sign(const storage::AuditHead& head, absl::Time time) const {
  const ErrorMark mark;
  storage::AuditCheckpoint checkpoint;
  checkpoint.head = head;
  checkpoint.time = absl::FromUnixMicros(absl::ToUnixMicros(time));
  checkpoint.key_id = id_;
  const std::string bytes = storage::CheckpointBytes(checkpoint);
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  size_t size = checkpoint.signature.size();
  if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), checkpoint.signature.data(), &size, Bytes(bytes), bytes.size()) != 1 ||
      size != checkpoint.signature.size()) {
    return absl::InternalError("signing failed");
  }
  return checkpoint;
}

absl::StatusOr<AuditPublicKey> AuditPublicKey::Parse(absl::string_view pem) {
  Key key = KeyFrom(pem, PEM_read_bio_PUBKEY);
  if (absl::Status status = CheckKey(key.get(), "public"); !status.ok()) return status;
  std::string id = IdOf(*key);
  if (id.empty()) return absl::InternalError("the library does not take the key");
  return AuditPublicKey(std::move(key), std::move(id));
}

absl::StatusOr<AuditPublicKey> AuditPublicKey::Read(const std::string& path) {
  const absl::StatusOr<std::string> pem = ReadFile(path, kMaxKeyFileBytes);
  if (!pem.ok()) return pem.status();
  absl::StatusOr<AuditPublicKey> key = Parse(*pem);
  if (!key.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", key.status().message()));
  return key;
}

bool AuditPublicKey::Signed(const storage::AuditCheckpoint& checkpoint) const {
  const ErrorMark mark;
  const std::string bytes = storage::CheckpointBytes(checkpoint);
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), checkpoint.signature.data(), checkpoint.signature.size(), Bytes(bytes),
                          bytes.size()) == 1;
}

absl::StatusOr<std::unique_ptr<AuditKeyFile>> AuditKeyFile::Open(std::string path) {
  std::unique_ptr<AuditKeyFile> file(new AuditKeyFile(std::move(path)));
  if (absl::Status status = file->Reload(); !status.ok()) return status;
  return file;
}

std::shared_ptr<const AuditKey> AuditKeyFile::Current() const {
  MutexLock lock(mutex_);
  return current_;
}

absl::Status AuditKeyFile::Reload() {
  if (path_.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> pem = ReadFile(path_, kMaxKeyFileBytes);
  if (!pem.ok()) return pem.status();
  absl::StatusOr<AuditKey> key = AuditKey::Parse(*pem);
  OPENSSL_cleanse(pem->data(), pem->size());
  if (!key.ok()) return absl::InvalidArgumentError(absl::StrCat(path_, ": ", key.status().message()));
  WarnIfOthersCanRead(path_, "audit_key_exposed");
  auto current = std::make_shared<const AuditKey>(*std::move(key));
  MutexLock lock(mutex_);
  current_ = std::move(current);
  return absl::OkStatus();
}

}  // namespace tokens
