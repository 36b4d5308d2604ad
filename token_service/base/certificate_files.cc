#include "token_service/base/certificate_files.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "token_service/base/log.h"
#include "token_service/base/read_file.h"
#include "token_service/base/x509.h"

namespace tokens {
namespace {

constexpr std::chrono::seconds kInterval(5);
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr char kCertificateBegin[] = "-----BEGIN CERTIFICATE-----";

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

bool IsKeyOf(X509& certificate, const std::string& key_pem) {
  const BioPtr bio = ReadingBio(key_pem);
  const std::unique_ptr<EVP_PKEY, KeyFree> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const bool fits = key != nullptr && X509_check_private_key(&certificate, key.get()) == 1;
  ERR_clear_error();
  return fits;
}

int CountBlocks(absl::string_view pem) {
  int count = 0;
  for (size_t at = pem.find(kCertificateBegin); at != absl::string_view::npos; at = pem.find(kCertificateBegin, at + 1))
    ++count;
  return count;
}

// What was read and found good.
struct Material {
  std::string contents;  // The certificates, and the key where there is one.
  absl::Time end;        // FirstEnd of the certificates.
};

absl::StatusOr<Material> ReadMaterial(const std::string& path, const std::string& key_path) {
  absl::StatusOr<std::string> pem = ReadFile(path, kMaxPemBytes);
  if (!pem.ok()) return pem.status();
  absl::StatusOr<std::string> key = key_path.empty() ? std::string() : ReadFile(key_path, kMaxPemBytes);
  if (!key.ok()) return key.status();
  const absl::StatusOr<absl::Time> end = FirstEnd(*pem, *key);
  if (!end.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", end.status().message()));
  if (!key_path.empty() && key->empty()) return absl::InvalidArgumentError(absl::StrCat(key_path, ": is empty"));
  Material material{absl::StrCat(*pem, "\n", *key), *end};
  OPENSSL_cleanse(key->data(), key->size());
  return material;
}

}  // namespace

absl::StatusOr<absl::Time> FirstEnd(const std::string& pem, const std::string& key_pem) {
  const BioPtr bio = ReadingBio(pem);
  absl::Time end = absl::InfiniteFuture();
  int count = 0;
  for (CertificatePtr certificate = NextCertificate(*bio); certificate != nullptr;
       certificate = NextCertificate(*bio)) {
    if (++count == 1 && !key_pem.empty() && !IsKeyOf(*certificate, key_pem)) {
      return absl::InvalidArgumentError("the private key is not that of the certificate");
    }
    end = std::min(end, ToTime(X509_get0_notAfter(certificate.get())));
  }
  if (count == 0 || count != CountBlocks(pem)) return absl::InvalidArgumentError("does not hold PEM certificates");
  return end;
}

absl::StatusOr<std::unique_ptr<CertificateFiles>> CertificateFiles::Open(const TlsFiles& tls, const std::string& own,
                                                                         CertificateObserver observer) {
  std::unique_ptr<CertificateFiles> files(new CertificateFiles(std::move(observer)));
  if (tls.empty()) return files;
  if (absl::Status status = files->Add(own, tls.certificate, tls.key); !status.ok()) return status;
  if (absl::Status status = files->Add("ca", tls.peer_ca, ""); !status.ok()) return status;
  {
    MutexLock lock(files->look_mutex_);
    const std::string& pair = files->sources_[0].copy.path();
    files->in_use_ = {pair, pair, files->sources_[1].copy.path()};
  }
  files->thread_ = std::thread([raw = files.get()] { raw->Run(); });
  return files;
}

CertificateFiles::~CertificateFiles() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

absl::Status CertificateFiles::Add(const std::string& which, const std::string& path, const std::string& key_path) {
  absl::StatusOr<Material> material = ReadMaterial(path, key_path);
  if (!material.ok()) return material.status();
  absl::StatusOr<MemoryFile> copy = MemoryFile::Create(material->contents);
  if (!copy.ok()) return copy.status();
  observer_.in_use(which, material->end);
  MutexLock lock(look_mutex_);
  sources_.push_back({which, path, key_path, std::move(material->contents), *std::move(copy), {}, {}});
  return absl::OkStatus();
}

void CertificateFiles::Look() {
  MutexLock lock(look_mutex_);
  for (Source& source : sources_) Look(source);
}

void CertificateFiles::Look(Source& source) const {
  absl::StatusOr<Material> material = ReadMaterial(source.path, source.key_path);
  absl::Status outcome = material.status();
  const bool is_other = material.ok() && material->contents != source.contents;
  if (is_other) outcome = source.copy.Replace(material->contents);
  if (is_other && outcome.ok()) {
    source.contents = std::move(material->contents);
    observer_.in_use(source.which, material->end);
  }
  const bool mended = outcome.ok() && !source.told.ok();
  const bool settled_fault = !outcome.ok() && outcome == source.seen && outcome != source.told;
  source.seen = outcome;
  if (!settled_fault && !mended && !(is_other && outcome.ok())) return;
  source.told = outcome;
  observer_.reloaded(outcome);
  LogFields fields;
  fields.detail = outcome.ok() ? absl::string_view(source.path) : outcome.message();
  Log(outcome.ok() ? LogLevel::kInfo : LogLevel::kError,
      outcome.ok() ? "certificates_reloaded" : "certificates_rejected", fields);
}

void CertificateFiles::Run() {
  while (true) {
    const auto next = std::chrono::steady_clock::now() + kInterval;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && std::chrono::steady_clock::now() < next) changed_.WaitUntil(mutex_, next);
      if (stopping_) return;
    }
    Look();
  }
}

}  // namespace tokens
