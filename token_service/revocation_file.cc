#include "token_service/revocation_file.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "token_service/base/log.h"
#include "token_service/base/read_file.h"

namespace tokens {
namespace {

constexpr std::chrono::seconds kInterval(10);
constexpr size_t kMaxCrlBytes = 16 << 20;
constexpr size_t kMaxCaBytes = 1 << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<RevocationFile>> RevocationFile::Open(std::string crl_path, std::string ca_path,
                                                                     Clock& clock, Observer reloaded) {
  std::unique_ptr<RevocationFile> file(
      new RevocationFile(std::move(crl_path), std::move(ca_path), clock, std::move(reloaded)));
  if (file->crl_path_.empty()) return file;
  if (absl::Status status = file->Read(); !status.ok()) return status;
  file->thread_ = std::thread([raw = file.get()] { raw->Run(); });
  return file;
}

RevocationFile::~RevocationFile() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const RevocationList> RevocationFile::Current() const {
  MutexLock lock(mutex_);
  return current_;
}

absl::Status RevocationFile::Reload() {
  if (crl_path_.empty()) return absl::OkStatus();
  MutexLock reload(reload_mutex_);
  const std::shared_ptr<const RevocationList> before = Current();
  absl::Status status = Read();
  const std::shared_ptr<const RevocationList> now = Current();
  const bool replaced = now->size() != before->size() || now->next_update() != before->next_update();
  if (replaced || status != last_outcome_) reloaded_(status);
  last_outcome_ = status;
  return status;
}

absl::Status RevocationFile::Read() {
  const absl::StatusOr<std::string> crl = ReadFile(crl_path_, kMaxCrlBytes);
  if (!crl.ok()) return crl.status();
  const absl::StatusOr<std::string> ca = ReadFile(ca_path_, kMaxCaBytes);
  if (!ca.ok()) return ca.status();
  absl::StatusOr<RevocationList> list = RevocationList::Parse(*crl, *ca);
  if (!list.ok()) return list.status();
  auto next = std::make_shared<const RevocationList>(*std::move(list));
  MutexLock lock(mutex_);
  current_ = std::move(next);
  return absl::OkStatus();
}

void RevocationFile::Run() {
  while (true) {
    Report(Reload());
    const auto next = std::chrono::steady_clock::now() + kInterval;
    MutexLock lock(mutex_);
    while (!stopping_ && std::chrono::steady_clock::now() < next) changed_.WaitUntil(mutex_, next);
    if (stopping_) return;
  }
}

void RevocationFile::Report(const absl::Status& status) {
  const std::shared_ptr<const RevocationList> list = Current();
  const bool outdated = list->next_update() < clock_.Now();
  std::string detail = std::string(status.message());
  if (status.ok()) detail = absl::StrCat("revoked certificates: ", list->size());
  if (status.ok() && outdated) absl::StrAppend(&detail, "; the list should have been replaced by a newer one");
  if (detail == reported_) return;
  reported_ = std::move(detail);
  LogFields fields;
  fields.detail = reported_;
  if (!status.ok()) {
    Log(LogLevel::kError, "crl_rejected", fields);
  } else {
    Log(outdated ? LogLevel::kWarning : LogLevel::kInfo, "crl_read", fields);
  }
}

}  // namespace tokens
