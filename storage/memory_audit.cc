#include <algorithm>
#include <cstddef>
#include <iterator>

#include "storage/memory_token_store.h"
#include "storage/token_rules.h"

namespace tokens::storage {
namespace {

std::vector<AuditRecord>::const_iterator FirstAfter(const std::vector<AuditRecord>& audit, uint64_t sequence) {
  return std::partition_point(audit.begin(), audit.end(),
                              [&](const AuditRecord& record) { return record.sequence <= sequence; });
}

}  // namespace

absl::Status MemoryTokenStore::AppendAudit(const AuditEntry& entry) {
  if (absl::Status status = CheckAuditEntry(entry); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  Audit(entry);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AuditRecord>> MemoryTokenStore::ReadAudit(uint64_t after, int limit) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return status;
  absl::ReaderMutexLock lock(&mutex_);
  const auto begin = FirstAfter(audit_, after);
  return std::vector<AuditRecord>(begin, begin + std::min<std::ptrdiff_t>(limit, audit_.end() - begin));
}

absl::StatusOr<AuditHead> MemoryTokenStore::ReadAuditHeadAt(uint64_t sequence) {
  absl::ReaderMutexLock lock(&mutex_);
  const auto next = FirstAfter(audit_, sequence);
  return next == audit_.begin() ? AuditHead() : HeadAfter(*std::prev(next));
}

absl::Status MemoryTokenStore::WriteCheckpoint(const AuditCheckpoint& checkpoint) {
  if (absl::Status status = CheckCheckpoint(checkpoint); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  checkpoints_[checkpoint.head.sequence] = checkpoint;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AuditCheckpoint>> MemoryTokenStore::ReadCheckpoints(uint64_t after, int limit) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return status;
  absl::ReaderMutexLock lock(&mutex_);
  std::vector<AuditCheckpoint> found;
  for (auto next = checkpoints_.upper_bound(after);
       next != checkpoints_.end() && found.size() < static_cast<size_t>(limit); ++next) {
    found.push_back(next->second);
  }
  return found;
}

void MemoryTokenStore::Audit(const AuditEntry& entry) { audit_.push_back(Link(Head(), entry)); }

AuditHead MemoryTokenStore::Head() const { return audit_.empty() ? AuditHead() : HeadAfter(audit_.back()); }

}  // namespace tokens::storage
