// A store's directory that lost or garbled a file says so (DATA_LOSS) or still gives every right answer.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb_token_store.h"
#include "tests/storage/rocksdb_options_for_test.h"
#include "tests/storage/test_records.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {
namespace {

namespace fs = std::filesystem;
using storage::RocksDbOptions;
using storage::RocksDbTokenStore;
using storage::TokenRecord;
using storage::TokenStore;

constexpr uint32_t kTokens = 40;
constexpr uint32_t kTokensInTables = 20;  // The first ones; the others are in the log only.

// Write number `i` of the history: every token is inserted and then revoked.
void Write(TokenStore& store, uint32_t i) {
  if (i % 2 == 0) {
    ASSERT_EQ(store.Insert(New(i / 2))->kind, storage::InsertOutcome::Kind::kInserted);
  } else {
    ASSERT_TRUE(store.Revoke(Digest(i / 2), At(5), kOperator).value());
  }
}

// How many writes of the history a store shows. DATA_LOSS if it says so; INTERNAL if its answers fit no beginning of
// the history.
absl::StatusOr<uint32_t> WritesShown(TokenStore& store) {
  uint32_t shown = 0;
  bool ended = false;
  for (uint32_t number = 0; number < kTokens; ++number) {
    const absl::StatusOr<TokenRecord> record = store.Find(Digest(number));
    if (!record.ok() && !absl::IsNotFound(record.status())) return record.status();
    const uint32_t of_this = !record.ok() ? 0 : record->revoke_time ? 2 : 1;
    if (ended && of_this > 0) return absl::InternalError(absl::StrCat("a hole before token ", number));
    ended = ended || of_this < 2;
    shown += of_this;
  }
  const absl::StatusOr<storage::ListPage> page = store.List(kAlice, std::nullopt, 1000);
  if (!page.ok()) return page.status();
  if (page->records.size() != (shown + 1) / 2) return absl::InternalError("the list disagrees");
  return shown;
}

absl::StatusOr<uint32_t> WritesShownAfterOpening(const RocksDbOptions& options) {
  const absl::StatusOr<std::unique_ptr<RocksDbTokenStore>> store = RocksDbTokenStore::Open(options);
  if (!store.ok()) return store.status();
  return WritesShown(**store);
}

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void Replace(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<std::string> FileNames(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(directory)) names.push_back(file.path().filename().string());
  return names;
}

class RocksDbDamage : public ::testing::Test {
 protected:
  // A crashed store: copied while it was open, with tables, a log, and a manifest that has seen changes.
  void SetUp() override {
    const std::string live = temp_ / "live";
    auto store = RocksDbTokenStore::Open(OptionsIn(live));
    ASSERT_TRUE(store.ok()) << store.status();
    for (uint32_t i = 0; i < 2 * kTokens; ++i) {
      Write(**store, i);
      if (i + 1 == 2 * kTokensInTables) {
        ASSERT_EQ((*store)->Compact(), absl::OkStatus());
      }
    }
    fs::copy(live, crashed_);
    for (const std::string& name : FileNames(crashed_)) {
      if (absl::EndsWith(name, ".log")) newest_log_ = std::max(newest_log_, name);
    }
  }

  // Damages one file of a fresh copy and opens that.
  absl::StatusOr<uint32_t> After(const std::string& file, bool strict_wal,
                                 const std::function<void(const fs::path&)>& damage) {
    const fs::path copy = temp_ / "copy";
    fs::remove_all(copy);
    fs::copy(crashed_, copy);
    damage(copy / file);
    RocksDbOptions options = OptionsIn(copy.string());
    options.strict_wal = strict_wal;
    return WritesShownAfterOpening(options);
  }

  // DATA_LOSS, or right; or, where the end of the log may be taken for torn, without some last writes of the log.
  void ExpectHonest(const std::string& file, bool strict_wal, const std::function<void(const fs::path&)>& damage) {
    const absl::StatusOr<uint32_t> shown = After(file, strict_wal, damage);
    if (!shown.ok()) {
      EXPECT_EQ(shown.status().code(), absl::StatusCode::kDataLoss) << shown.status();
    } else if (file == newest_log_ && !strict_wal) {
      EXPECT_GE(*shown, 2 * kTokensInTables);
    } else {
      EXPECT_EQ(*shown, 2 * kTokens);
    }
  }

  TempDirectory temp_;
  const fs::path crashed_ = temp_ / "crashed";
  std::string newest_log_;
};

TEST_F(RocksDbDamage, CrashedStoreShowsEverything) {
  for (const bool strict_wal : {false, true}) {
    EXPECT_EQ(After("CURRENT", strict_wal, [](const fs::path&) {}).value(), 2 * kTokens) << strict_wal;
  }
}

TEST_F(RocksDbDamage, RemovedFileIsDataLossUnlessItCanBeMadeAgain) {
  for (const std::string& file : FileNames(crashed_)) {
    SCOPED_TRACE(file);
    const absl::StatusOr<uint32_t> shown = After(file, false, [](const fs::path& path) { fs::remove(path); });
    if (file == "LOCK" || file == "IDENTITY" || absl::StartsWith(file, "OPTIONS-")) {
      EXPECT_EQ(shown.value(), 2 * kTokens);
    } else {
      EXPECT_EQ(shown.status().code(), absl::StatusCode::kDataLoss) << shown.status();
    }
  }
}

TEST_F(RocksDbDamage, TruncatedFileIsDataLossOrHarmless) {
  for (const std::string& file : FileNames(crashed_)) {
    const uintmax_t size = fs::file_size(crashed_ / file);
    // Never between two writes of the log: that leaves a whole log, which nothing can tell from one that ended there.
    for (const uintmax_t cut : {uintmax_t{1}, size / 4 + 1, size / 2 + 1, size - 1}) {
      for (const bool strict_wal : {false, true}) {
        SCOPED_TRACE(absl::StrCat(file, " cut from ", size, " to ", cut, strict_wal ? " strict" : ""));
        if (cut < size) ExpectHonest(file, strict_wal, [cut](const fs::path& path) { fs::resize_file(path, cut); });
      }
    }
  }
}

TEST_F(RocksDbDamage, FlippedByteIsDataLossOrHarmless) {
  for (const std::string& file : FileNames(crashed_)) {
    const std::string bytes = Read(crashed_ / file);
    const size_t step = std::max<size_t>(1, bytes.size() / 12);
    for (size_t at = 0; at < bytes.size(); at += step) {
      for (const bool strict_wal : {false, true}) {
        SCOPED_TRACE(absl::StrCat(file, " flipped at ", at, " of ", bytes.size(), strict_wal ? " strict" : ""));
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 0xff);
        ExpectHonest(file, strict_wal, [&](const fs::path& path) { Replace(path, flipped); });
      }
    }
  }
}

TEST_F(RocksDbDamage, TornEndOfTheLogLosesOnlyTheLastWriteOrIsRefusedWhenStrict) {
  const auto tear = [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) - 1); };
  EXPECT_EQ(After(newest_log_, false, tear).value(), 2 * kTokens - 1);
  EXPECT_EQ(After(newest_log_, true, tear).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(RocksDbDamage, LogCutBetweenTwoWritesLosesThoseAfterTheCut) {
  // What strict_wal cannot tell either (rocksdb_options.h says so): this test is here to notice should that change.
  const auto empty = [](const fs::path& path) { fs::resize_file(path, 0); };
  EXPECT_EQ(After(newest_log_, false, empty).value(), 2 * kTokensInTables);
  EXPECT_EQ(After(newest_log_, true, empty).value(), 2 * kTokensInTables);
}

}  // namespace
}  // namespace tokens::testing
