// What `restore` and `verify` say and how they exit.
#include "token_service/store_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/open_token_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_directory.h"

namespace tokens {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class StoreCommandsTest : public ::testing::Test {
 protected:
  // A closed store with one audit record, and a backup of it.
  StoreCommandsTest() {
    storage::StoreOptions options;
    options.location = store_;
    options.free_space_reserve_bytes = 0;
    const auto store = storage::OpenTokenStore(options);
    EXPECT_TRUE(store.ok()) << store.status();
    storage::BackupOptions backups;
    backups.directory = backup_dir_;
    backups.free_space_reserve_bytes = 0;
    const auto folder = (*store)->OpenBackups(backups);
    EXPECT_TRUE(folder.ok()) << folder.status();
    EXPECT_TRUE((*folder)->Create(absl::FromUnixSeconds(1), {"somebody", ""}).ok());
  }

  static std::string Text(const CommandOutcome& outcome) { return absl::StrJoin(outcome.lines, "\n"); }
  CommandOutcome Restore(const RestoreRequest& request) { return tokens::Restore(request, clock_, sink_); }
  CommandOutcome Verify(const VerifyRequest& request) { return tokens::Verify(request, clock_, sink_); }

  testing::TempDirectory temp_;
  const std::string store_ = absl::StrCat("rocksdb:", temp_ / "store");
  const std::string backup_dir_ = temp_ / "backups";
  const std::string restored_ = absl::StrCat("rocksdb:", temp_ / "restored");
  testing::FakeClock clock_{absl::Now() + absl::Hours(1)};
  std::vector<std::string> said_;
  const LineSink sink_ = [this](const std::string& line) { said_.push_back(line); };
};

TEST_F(StoreCommandsTest, RestoreSaysFromWhatAndToWhat) {
  const CommandOutcome outcome = Restore({restored_, backup_dir_});
  EXPECT_EQ(outcome.exit_code, 0) << Text(outcome);
  EXPECT_THAT(Text(outcome), HasSubstr("restored backup 1 of 2"));
  EXPECT_THAT(Text(outcome), HasSubstr("which ends with 1:"));
  EXPECT_THAT(Text(outcome), HasSubstr(absl::StrCat(temp_ / "restored", ": the audit goes on with ",
                                                    absl::ToUnixMicros(clock_.Now()), ":")));
  EXPECT_EQ(Verify({restored_, ""}).exit_code, 0);
}

TEST_F(StoreCommandsTest, RestoreRefusesInOneLineThatNamesTheFlag) {
  struct Case {
    RestoreRequest request;
    std::string line;
  };
  const Case cases[] = {
      {{restored_, ""}, "--backup_dir: required"},
      {{"memory:", backup_dir_}, "--store: must be rocksdb:DIR"},
      {{"", backup_dir_}, "--store: must be rocksdb:DIR"},
      {{store_, backup_dir_}, "--store: the store's directory is not empty"},
      {{restored_, temp_ / "none"}, "--backup_dir: there is no such directory"},
      {{restored_, temp_ / "store"}, "--backup_dir: is not a directory of backups: it holds "},
      {{restored_, backup_dir_, 9}, "--backup_dir: there is no backup 9"},
  };
  for (const Case& refused : cases) {
    const CommandOutcome outcome = Restore(refused.request);
    EXPECT_EQ(outcome.exit_code, 2);
    ASSERT_EQ(outcome.lines.size(), 1u);
    EXPECT_THAT(outcome.lines[0], StartsWith(refused.line));
  }
  EXPECT_FALSE(std::filesystem::exists(temp_ / "restored"));
}

TEST_F(StoreCommandsTest, DamageExits1AndNamesTheFile) {
  std::string damaged;
  for (const auto& file : std::filesystem::directory_iterator(backup_dir_ + "/private/1")) {
    if (file.path().filename().string().find("MANIFEST") == 0) damaged = file.path();
  }
  std::ofstream(damaged, std::ios::in | std::ios::out | std::ios::binary) << "x";
  for (const CommandOutcome& outcome : {Restore({restored_, backup_dir_}), Verify({"", backup_dir_})}) {
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(Text(outcome), HasSubstr(damaged));
  }
  EXPECT_FALSE(std::filesystem::exists(temp_ / "restored"));
}

TEST_F(StoreCommandsTest, VerifyReportsAStoreAndABackup) {
  for (const VerifyRequest& request : {VerifyRequest{store_, ""}, VerifyRequest{"", backup_dir_, 1}}) {
    const CommandOutcome outcome = Verify(request);
    EXPECT_EQ(outcome.exit_code, 0) << Text(outcome);
    EXPECT_THAT(Text(outcome), HasSubstr("tokens: 0 rows"));
    EXPECT_THAT(Text(outcome), HasSubstr("audit: 1 rows"));
    EXPECT_THAT(Text(outcome), HasSubstr("the audit ends with 1:"));
    EXPECT_THAT(outcome.lines.back(), HasSubstr("no fault"));
  }
  EXPECT_THAT(said_, IsEmpty()) << "short work has no progress to tell";
}

TEST_F(StoreCommandsTest, VerifyThatCannotTellExits2) {
  struct Case {
    VerifyRequest request;
    std::string line;
  };
  const Case cases[] = {
      {{"", ""}, "--store, --backup_dir: one of the two"},
      {{store_, backup_dir_}, "--store, --backup_dir: one of the two"},
      {{"memory:", ""}, "--store: must be rocksdb:DIR"},
      {{restored_, ""}, "--store: there is no such directory"},
      {{absl::StrCat("rocksdb:", backup_dir_), ""}, "--store: there is no store in it"},
      {{"", temp_ / "none"}, "--backup_dir: there is no such directory"},
      {{"", backup_dir_, 4}, "--backup_dir: there is no backup 4"},
  };
  for (const Case& refused : cases) {
    const CommandOutcome outcome = Verify(refused.request);
    EXPECT_EQ(outcome.exit_code, 2);
    ASSERT_EQ(outcome.lines.size(), 1u);
    EXPECT_THAT(outcome.lines[0], StartsWith(refused.line));
  }
}

TEST(ProgressLinesTest, OneLineInFiveSecondsAndNoneBefore) {
  testing::FakeClock clock;
  std::vector<std::string> said;
  const LineSink sink = [&said](const std::string& line) { said.push_back(line); };
  ProgressLines progress(clock, sink);
  for (uint64_t done = 0; done < 100; ++done) {
    clock.Advance(absl::Milliseconds(100));
    progress.Report("reading", done, done < 90 ? 200 : 0);
  }
  EXPECT_THAT(said, ::testing::ElementsAre("reading: 49 of 200 (24 %)", "reading: 99"));
}

}  // namespace
}  // namespace tokens
