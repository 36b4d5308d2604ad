#include "token_service/use_recorder.h"

#include <algorithm>
#include <chrono>

#include "absl/hash/hash.h"
#include "token_service/base/log.h"

namespace tokens {
namespace {

constexpr std::chrono::minutes kInterval(1);

absl::Time FloorToMinute(absl::Time time) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), absl::Minutes(1));
}

}  // namespace

UseRecorder::UseRecorder(storage::TokenStore& store, size_t max_pending)
    : store_(store), max_pending_per_shard_(std::max<size_t>(1, max_pending / kShards)), thread_([this] { Run(); }) {}

UseRecorder::~UseRecorder() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
  Flush();
}

void UseRecorder::Run() {
  while (true) {
    const auto next = std::chrono::steady_clock::now() + kInterval;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && std::chrono::steady_clock::now() < next) changed_.WaitUntil(mutex_, next);
      if (stopping_) return;
    }
    Flush();
  }
}

void UseRecorder::Note(const storage::TokenRecord& record, absl::Time now) {
  const absl::Time minute = FloorToMinute(now);
  if (record.last_use_time && *record.last_use_time >= minute) return;
  // Not the bits by which flat_hash_map spreads the digests within a shard.
  const size_t hash = absl::Hash<storage::TokenDigest>()(record.digest);
  Keep(shards_[(hash >> 48) % kShards], {record.digest, minute});
}

void UseRecorder::Keep(Shard& shard, const storage::TokenUse& use) {
  MutexLock lock(shard.mutex);
  const auto found = shard.pending.find(use.digest);
  if (found != shard.pending.end()) {
    found->second = std::max(found->second, use.at);
  } else if (shard.pending.size() < max_pending_per_shard_) {
    shard.pending.emplace(use.digest, use.at);
  }
}

std::vector<storage::TokenUse> UseRecorder::Take(Shard& shard) {
  absl::flat_hash_map<storage::TokenDigest, absl::Time> taken;
  {
    MutexLock lock(shard.mutex);
    taken.swap(shard.pending);
  }
  std::vector<storage::TokenUse> uses;
  uses.reserve(taken.size());
  for (const auto& [digest, at] : taken) uses.push_back({digest, at});
  return uses;
}

void UseRecorder::Flush() {
  absl::Status failure;
  for (Shard& shard : shards_) {
    const std::vector<storage::TokenUse> uses = Take(shard);
    if (uses.empty()) continue;
    const absl::Status status = store_.RecordUses(uses);
    if (status.ok()) continue;
    failure = status;
    for (const storage::TokenUse& use : uses) Keep(shard, use);
  }
  if (failure.ok()) return;
  LogFields fields;
  fields.detail = failure.message();
  Log(LogLevel::kWarning, "uses_not_recorded", fields);
}

}  // namespace tokens
