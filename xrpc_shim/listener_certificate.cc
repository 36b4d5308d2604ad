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
                                                                               std::string key_path) {
  std::unique_ptr<ListenerCertificate> certificate(new ListenerCertificate(std::move(chain_path), std::move(key_path)));
  if (absl::Status status = certificate->Adopt(); !status.ok()) return status;
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

CertificateState ListenerCertificate::State() const {
  MutexLock lock(mutex_);
  return state_;
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

// Puts the files' pair to use unless it is already.
absl::Status ListenerCertificate::Adopt() {
  absl::StatusOr<Pair> pair = Read();
  if (!pair.ok()) return pair.status();
  MutexLock lock(mutex_);
  if (*pair == in_use_) return absl::OkStatus();
  absl::StatusOr<TlsContext> context = MakeServerContext(pair->chain, pair->key);
  if (!context.ok()) {
    return absl::Status(context.status().code(),
                        absl::StrCat(chain_path_, ", ", key_path_, ": ", context.status().message()));
  }
  const bool is_first = context_ == nullptr;
  in_use_ = *std::move(pair);
  context_ = *std::move(context);
  state_.expires = ExpiryOf(*context_);
  if (!is_first) ++state_.adopted;
  return absl::OkStatus();
}

void ListenerCertificate::Reload() {
  const int64_t adopted_before = State().adopted;
  const absl::Status status = Adopt();
  MutexLock lock(mutex_);
  Report(status, adopted_before);
}

void ListenerCertificate::Report(const absl::Status& status, int64_t adopted_before) {
  LogFields fields;
  if (!status.ok()) {
    ++state_.rejected;
    if (last_fault_ == status.message()) return;
    last_fault_ = std::string(status.message());
    fields.detail = last_fault_;
    Log(LogLevel::kError, "certificates_rejected", fields);
    return;
  }
  last_fault_.clear();
  if (state_.adopted == adopted_before) return;
  const std::string detail = Until(state_.expires);
  fields.detail = detail;
  Log(state_.expires < absl::Now() ? LogLevel::kWarning : LogLevel::kInfo, "certificates_reloaded", fields);
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
