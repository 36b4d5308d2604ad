#ifndef TESTS_STORAGE_BACKUP_FIXTURE_H_
#define TESTS_STORAGE_BACKUP_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "storage/restore_store.h"
#include "storage/rocksdb_token_store.h"
#include "tests/storage/rocksdb_options_for_test.h"
#include "tests/storage/test_records.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {

// Name below `directory` → contents, of every file.
inline std::map<std::string, std::string> FilesIn(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    files[std::filesystem::relative(file.path(), directory).string()] =
        std::string(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

inline void FlipByte(const std::string& path, std::uintmax_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(file.get() ^ 1);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

// A store and a directory for its backups, next to each other.
class BackupFixture : public ::testing::Test {
 protected:
  BackupFixture() { Open(directory_); }

  void Open(const std::string& directory) {
    backups_.reset();
    store_.reset();
    auto opened = storage::RocksDbTokenStore::Open(OptionsIn(directory));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  void Close() {
    backups_.reset();
    store_.reset();
  }

  storage::BackupOptions Options() const {
    storage::BackupOptions options;
    options.directory = backup_directory_;
    options.free_space_reserve_bytes = 0;
    return options;
  }
  absl::Status OpenBackups(const storage::BackupOptions& options) {
    auto opened = store_->OpenBackups(options);
    if (!opened.ok()) return opened.status();
    backups_ = *std::move(opened);
    return absl::OkStatus();
  }
  storage::Backup MakeBackup() {
    if (backups_ == nullptr) {
      EXPECT_EQ(OpenBackups(Options()), absl::OkStatus());
    }
    const auto backup = backups_->Create(At(0), kOperator);
    EXPECT_TRUE(backup.ok()) << backup.status();
    return backup.value_or(storage::Backup());
  }

  storage::RestoreOrder Order(uint32_t id = 0) const {
    storage::RestoreOrder order;
    order.backup_directory = backup_directory_;
    order.backup_id = id;
    order.directory = restored_directory_;
    order.now = kNow;
    return order;
  }

  // After every backup, whose time is the machine's.
  const absl::Time kNow = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now())) + absl::Hours(1);
  TempDirectory temp_;
  const std::string directory_ = temp_ / "store";
  const std::string backup_directory_ = temp_ / "backups";
  const std::string restored_directory_ = temp_ / "restored";
  std::unique_ptr<storage::RocksDbTokenStore> store_;
  std::unique_ptr<storage::BackupFolder> backups_;
};

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_BACKUP_FIXTURE_H_
