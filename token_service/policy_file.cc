#include "token_service/policy_file.h"

#include <utility>

#include "token_service/base/read_file.h"

namespace tokens {
namespace {

constexpr size_t kMaxPolicyBytes = 1 << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<PolicyFile>> PolicyFile::Open(std::string path, LexiconFolder lexicons,
                                                             CallerRule callers) {
  std::unique_ptr<PolicyFile> file(new PolicyFile(std::move(path), std::move(lexicons), callers));
  absl::StatusOr<std::shared_ptr<const Policy>> policy = file->Read();
  if (!policy.ok()) return policy.status();
  file->Adopt(*std::move(policy));
  return file;
}

std::shared_ptr<const Policy> PolicyFile::Current() const {
  MutexLock lock(mutex_);
  return current_;
}

absl::Status PolicyFile::Reload(const Record& record) {
  absl::StatusOr<std::shared_ptr<const Policy>> policy = Read();
  absl::Status recorded = record(policy.status());
  if (!policy.ok()) return policy.status();
  if (!recorded.ok()) return recorded;
  Adopt(*std::move(policy));
  return absl::OkStatus();
}

void PolicyFile::Adopt(std::shared_ptr<const Policy> policy) {
  MutexLock lock(mutex_);
  current_ = std::move(policy);
}

absl::StatusOr<std::shared_ptr<const Policy>> PolicyFile::Read() const {
  const absl::StatusOr<std::string> text = ReadFile(path_, kMaxPolicyBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<Policy> policy = Policy::Parse(*text, lexicons_);
  if (!policy.ok()) return policy.status();
  if (callers_ == CallerRule::kRequired && !policy->HasCallers()) {
    return absl::InvalidArgumentError("callers: at least one is needed with --tls_cert, or nobody could call");
  }
  return std::make_shared<const Policy>(*std::move(policy));
}

}  // namespace tokens
