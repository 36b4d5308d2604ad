#include "xrpc_shim/listener_certificate.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "token_service/base/log.h"
#include "token_service/base/read_file.h"

namespace tokens::xrpc {
namespace {

constexpr std::chrono::seconds kInterval(10);
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr int kReadings = 3;

std::string Until(absl::Time expires) {
  return absl::StrCat(expires < absl::Now() ? "the certificate has expired: " : "the certificate holds until ",
                      absl::FormatTime(absl::RFC3339_sec, expires, absl::UTCTimeZone()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ListenerCertificate>> ListenerCertificate::Open(std::string chain_path,
                                                                               std::string key_path,
                                                                               CertificateObserver observer) {
  std::unique_ptr<ListenerCertificate> certificate(
      new ListenerCertificate(std::move(chain_path), std::move(key_path), std::move(observer)));
  if (const absl::StatusOr<bool> adopted = certificate->Adopt(); !adopted.ok()) return adopted.status();
  certificate->thread_ = std::thread([raw = certificate.get()] { raw->Run(); });
  return certificate;
}

ListenerCertificate::~ListenerCertificate() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

TlsSession ListenerCertificate::NewSession() const {
  MutexLock lock(mutex_);
  return TlsSession(SSL_new(context_.get()));
}

// A pair as it was at one moment: a folder of them may be replaced while it is read.
absl::StatusOr<ListenerCertificate::Pair> ListenerCertificate::Read() const {
  Pair pair;
  for (int i = 0; i < kReadings; ++i) {
    absl::StatusOr<std::string> chain = ReadFile(chain_path_, kMaxPemBytes);
    if (!chain.ok()) return chain.status();
    absl::StatusOr<std::string> key = ReadFile(key_path_, kMaxPemBytes);
    if (!key.ok()) return key.status();
    const bool is_same = i > 0 && *chain == pair.chain && *key == pair.key;
    pair = {*std::move(chain), *std::move(key)};
    if (is_same) break;
  }
  return pair;
}

// Puts the files' pair to use; false if it is already.
absl::StatusOr<bool> ListenerCertificate::Adopt() {
  absl::StatusOr<Pair> pair = Read();
  if (!pair.ok()) return pair.status();
  MutexLock lock(mutex_);
  if (*pair == in_use_) return false;
  absl::StatusOr<TlsContext> context = MakeServerContext(pair->chain, pair->key);
  if (!context.ok()) {
    return absl::Status(context.status().code(),
                        absl::StrCat(chain_path_, ", ", key_path_, ": ", context.status().message()));
  }
  in_use_ = *std::move(pair);
  context_ = *std::move(context);
  expires_ = ExpiryOf(*context_);
  observer_.in_use("server", expires_);
  return true;
}

void ListenerCertificate::Reload() {
  const absl::StatusOr<bool> adopted = Adopt();
  MutexLock lock(mutex_);
  Report(adopted);
}

void ListenerCertificate::Report(const absl::StatusOr<bool>& adopted) {
  LogFields fields;
  if (!adopted.ok()) {
    if (last_fault_ == adopted.status().message()) return;
    last_fault_ = std::string(adopted.status().message());
    observer_.reloaded(adopted.status());
    fields.detail = last_fault_;
    Log(LogLevel::kError, "certificates_rejected", fields);
    return;
  }
  last_fault_.clear();
  if (!*adopted) return;
  observer_.reloaded(absl::OkStatus());
  const std::string detail = Until(expires_);
  fields.detail = detail;
  Log(expires_ < absl::Now() ? LogLevel::kWarning : LogLevel::kInfo, "certificates_reloaded", fields);
}

void ListenerCertificate::Run() {
  while (true) {
    const auto next = std::chrono::steady_clock::now() + kInterval;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && std::chrono::steady_clock::now() < next) changed_.WaitUntil(mutex_, next);
      if (stopping_) return;
    }
    Reload();
  }
}

}  // namespace tokens::xrpc
