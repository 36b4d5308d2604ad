#include "storage/sweep_filter.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "rocksdb/slice.h"
#include "storage/rocksdb_keys.h"
#include "storage/stored_session_codec.h"
#include "storage/stored_token_codec.h"
#include "storage/token_rules.h"

namespace tokens::storage {
namespace {

// Whether a key and its value have been swept.
using Judge = std::function<bool(const rocksdb::Slice& key, const rocksdb::Slice& value)>;

class SweepFilter : public rocksdb::CompactionFilter {
 public:
  explicit SweepFilter(Judge swept) : swept_(std::move(swept)) {}

  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string*, bool*) const override {
    return swept_(key, value);
  }
  const char* Name() const override { return "tokens.Sweep"; }

 private:
  const Judge swept_;
};

class FilterFactory : public rocksdb::CompactionFilterFactory {
 public:
  explicit FilterFactory(Judge swept) : swept_(std::move(swept)) {}

  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<SweepFilter>(swept_);
  }
  const char* Name() const override { return "tokens.SweepFactory"; }

 private:
  const Judge swept_;
};

absl::string_view View(const rocksdb::Slice& slice) { return absl::string_view(slice.data(), slice.size()); }

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> SweepTokens(const SweepState& state) {
  return std::make_shared<FilterFactory>([&state](const rocksdb::Slice&, const rocksdb::Slice& value) {
    const auto entry = DecodeToken(TokenDigest(), value.ToString());
    return entry.ok() && state.TokenSwept(EndOf(entry->record.expire_time, entry->record.revoke_time));
  });
}

std::shared_ptr<rocksdb::CompactionFilterFactory> SweepByDid(const SweepState& state) {
  return std::make_shared<FilterFactory>([&state](const rocksdb::Slice&, const rocksdb::Slice& value) {
    const std::optional<absl::Time> end = DecodeTime(View(value));
    return end && state.TokenSwept(*end);
  });
}

std::shared_ptr<rocksdb::CompactionFilterFactory> SweepLive(const SweepState& state) {
  return std::make_shared<FilterFactory>([&state](const rocksdb::Slice& key, const rocksdb::Slice&) {
    const std::optional<absl::Time> expire_time = ExpireTimeOfLiveKey(View(key));
    return expire_time && state.TokenSwept(*expire_time);
  });
}

std::shared_ptr<rocksdb::CompactionFilterFactory> SweepSeen(const SweepState& state) {
  return std::make_shared<FilterFactory>([&state](const rocksdb::Slice&, const rocksdb::Slice& value) {
    const auto entry = DecodeOneTimeKey(value.ToString());
    return entry.ok() && state.KeySwept(entry->expire_time);
  });
}

std::shared_ptr<rocksdb::CompactionFilterFactory> SweepSessions(const SweepState& state) {
  return std::make_shared<FilterFactory>([&state](const rocksdb::Slice& key, const rocksdb::Slice& value) {
    if (key.empty()) return false;
    switch (static_cast<SessionKeyKind>(key[0])) {
      case SessionKeyKind::kSession: {
        const auto entry = DecodeSession(SessionId(), value.ToString());
        return entry.ok() && state.TokenSwept(EndOf(entry->record.expire_time, entry->end_time));
      }
      case SessionKeyKind::kRefresh: {
        const auto entry = DecodeRefresh(value.ToString());
        return entry.ok() && state.TokenSwept(entry->expire_time);
      }
      case SessionKeyKind::kLive: {
        const std::optional<absl::Time> expire_time = ExpireTimeOfLiveSessionKey(View(key));
        return expire_time && state.TokenSwept(*expire_time);
      }
    }
    return false;
  });
}

}  // namespace tokens::storage
