// Which directories a RocksDB store opens, and how it refuses the others.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "rocksdb/db.h"
#include "storage/open_token_store.h"
#include "storage/rocksdb_token_store.h"
#include "tests/storage/rocksdb_options_for_test.h"
#include "tests/storage/test_records.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {
namespace {

namespace fs = std::filesystem;
using storage::OpenTokenStore;
using storage::RocksDbTokenStore;
using storage::StoreOptions;

absl::StatusCode OpenCode(const std::string& directory) {
  return RocksDbTokenStore::Open(OptionsIn(directory)).status().code();
}

void MakeStore(const std::string& directory) {
  auto store = RocksDbTokenStore::Open(OptionsIn(directory));
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE((*store)->Insert(New(1)).ok());
}

// Writes into the closed store behind its back; `family` is made if it is not there.
void WriteRaw(const std::string& directory, const std::string& family, const std::string& key,
              const std::string& value) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::Options(), directory, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  if (std::find(names.begin(), names.end(), family) == names.end()) names.push_back(family);
  for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  rocksdb::Options options;
  options.create_missing_column_families = true;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, directory, descriptors, &handles, &db).ok());
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == family) {
      EXPECT_TRUE(db->Put(rocksdb::WriteOptions(), handles[i], key, value).ok());
    }
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handles[i]).ok());
  }
  delete db;
}

TEST(RocksDbOpen, MakesTheDirectoryForItsOwnerOnly) {
  TempDirectory temp;
  MakeStore(temp / "store");
  struct stat state = {};
  ASSERT_EQ(stat((temp / "store").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0700u);
  EXPECT_FALSE(fs::exists(temp / "store/LOG")) << "RocksDB's own logger aborts on a full disk";
}

TEST(RocksDbOpen, TakesAnEmptyDirectoryAndTheRootOfAVolume) {
  TempDirectory temp;
  EXPECT_EQ(OpenCode(temp.path()), absl::StatusCode::kOk);
  TempDirectory volume;
  fs::create_directory(volume / "lost+found");
  EXPECT_EQ(OpenCode(volume.path()), absl::StatusCode::kOk);
}

TEST(RocksDbOpen, FinishesAStoreWhoseMakingWasInterrupted) {
  TempDirectory temp;
  MakeStore(temp / "store");
  const std::string begun = temp / "begun";
  fs::create_directory(begun);
  std::ofstream(begun + "/CREATING").close();
  for (const auto& file : fs::directory_iterator(temp / "store")) {
    if (absl::StartsWith(file.path().filename().string(), "MANIFEST")) fs::copy(file.path(), begun);
  }
  EXPECT_EQ(OpenCode(begun), absl::StatusCode::kOk);
  EXPECT_FALSE(fs::exists(begun + "/CREATING"));
  EXPECT_EQ(OpenCode(begun), absl::StatusCode::kOk);
}

TEST(RocksDbOpen, PathThatIsNoDirectoryIsInvalid) {
  TempDirectory temp;
  std::ofstream(temp / "file") << "x";
  EXPECT_EQ(OpenCode(temp / "file"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenCode(temp / "file/below"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenCode(temp / "missing/below"), absl::StatusCode::kInvalidArgument);
}

TEST(RocksDbOpen, DirectoryOfSomethingElseIsRefusedAndLeftAlone) {
  TempDirectory temp;
  std::ofstream(temp / "diary.txt") << "dear diary";
  EXPECT_EQ(OpenCode(temp.path()), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(fs::exists(temp / "CURRENT"));
}

TEST(RocksDbOpen, SecondOpenerOfThisProcessIsRefused) {
  TempDirectory temp;
  auto first = RocksDbTokenStore::Open(OptionsIn(temp / "store"));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(OpenCode(temp / "store"), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE((*first)->Insert(New(1)).ok()) << "the first is not disturbed";
  EXPECT_EQ(OpenCode(temp / "store"), absl::StatusCode::kFailedPrecondition) << "the refusal kept the lock";
  first->reset();
  EXPECT_EQ(OpenCode(temp / "store"), absl::StatusCode::kOk);
}

TEST(RocksDbOpen, SecondOpenerInAnotherProcessIsRefused) {
  TempDirectory temp;
  const std::string directory = temp / "store";
  int go[2];
  ASSERT_EQ(pipe(go), 0);
  const pid_t child = fork();  // Before the store is open here: its threads would not come along.
  ASSERT_GE(child, 0);
  if (child == 0) {
    char byte = 0;
    if (read(go[0], &byte, 1) != 1) _exit(100);
    _exit(static_cast<int>(OpenCode(directory)));
  }
  MakeStore(directory);
  const auto store = RocksDbTokenStore::Open(OptionsIn(directory));
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_EQ(write(go[1], "x", 1), 1);
  int exit_status = 0;
  ASSERT_EQ(waitpid(child, &exit_status, 0), child);
  EXPECT_TRUE(WIFEXITED(exit_status));
  EXPECT_EQ(WEXITSTATUS(exit_status), static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ((*store)->Find(Digest(1)).value(), Record(1));
}

TEST(RocksDbOpen, NewerSchemaIsRefused) {
  TempDirectory temp;
  MakeStore(temp / "store");
  WriteRaw(temp / "store", "meta", "schema_version", "2");
  EXPECT_EQ(OpenCode(temp / "store"), absl::StatusCode::kFailedPrecondition);
}

TEST(RocksDbOpen, UnknownColumnFamilyIsRefused) {
  TempDirectory temp;
  MakeStore(temp / "store");
  WriteRaw(temp / "store", "of_the_future", "key", "value");
  EXPECT_EQ(OpenCode(temp / "store"), absl::StatusCode::kFailedPrecondition);
}

// Takes a family out of the closed store behind its back.
void DropFamily(const std::string& directory, const std::string& family) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::Options(), directory, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), directory, descriptors, &handles, &db).ok());
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == family) {
      EXPECT_TRUE(db->DropColumnFamily(handles[i]).ok());
    }
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handles[i]).ok());
  }
  delete db;
}

TEST(RocksDbOpen, StoreFromBeforeThereWereCheckpointsGetsAPlaceForThem) {
  TempDirectory temp;
  MakeStore(temp / "store");
  DropFamily(temp / "store", "checkpoints");
  const storage::AuditCheckpoint checkpoint = {{1, {}}, At(1), "0123456789abcdef", {}};
  {
    const auto store = RocksDbTokenStore::Open(OptionsIn(temp / "store"));
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->Find(Digest(1)).value(), Record(1));
    EXPECT_TRUE((*store)->ReadCheckpoints(0, 1)->empty());
    EXPECT_TRUE((*store)->WriteCheckpoint(checkpoint).ok());
  }
  const auto store = RocksDbTokenStore::Open(OptionsIn(temp / "store"));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->ReadCheckpoints(0, 1)->front(), checkpoint);
}

TEST(RocksDbOpen, StoreThatLostAFamilyItHadFromTheFirstIsDamaged) {
  for (int family = 1; family < storage::kFirstFamilies; ++family) {
    TempDirectory temp;
    MakeStore(temp / "store");
    DropFamily(temp / "store", storage::kFamilyNames[family]);
    EXPECT_EQ(OpenCode(temp / "store"), absl::StatusCode::kDataLoss) << storage::kFamilyNames[family];
  }
}

TEST(RocksDbOpen, ADamagedSessionOrRefreshTokenIsDataLossAndNeverARefusal) {
  for (const std::string& key : {"s" + std::string(SessionIdOf(1).bytes()),
                                 "r" + std::string(SessionIdOf(1).bytes()) + std::string(RefreshIdOf(0).bytes())}) {
    TempDirectory temp;
    MakeStore(temp / "store");
    {
      const auto store = RocksDbTokenStore::Open(OptionsIn(temp / "store"));
      ASSERT_TRUE(store.ok()) << store.status();
      ASSERT_TRUE((*store)->Begin(NewSessionOf(1)).ok());
    }
    WriteRaw(temp / "store", "sessions", key, "\xff");
    const auto store = RocksDbTokenStore::Open(OptionsIn(temp / "store"));
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->Rotate(RotationOf(0, 1, 10)).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(RocksDbOpen, SchemaVersionThatCannotBeReadIsDataLoss) {
  for (const std::string version : {"", "x", "0", "-1"}) {
    TempDirectory temp;
    MakeStore(temp / "store");
    WriteRaw(temp / "store", "meta", "schema_version", version);
    EXPECT_EQ(OpenCode(temp / "store"), absl::StatusCode::kDataLoss) << version;
  }
}

TEST(RocksDbOpen, CutoffThatCannotBeReadIsDataLoss) {
  TempDirectory temp;
  MakeStore(temp / "store");
  WriteRaw(temp / "store", "meta", "tokens_ended_cutoff", "short");
  EXPECT_EQ(OpenCode(temp / "store"), absl::StatusCode::kDataLoss);
}

TEST(RocksDbOpen, RecordThatBreaksTheRulesIsDataLossToItsReaders) {
  TempDirectory temp;
  MakeStore(temp / "store");
  WriteRaw(temp / "store", "tokens", std::string(Digest(1).bytes()), "");
  const auto store = RocksDbTokenStore::Open(OptionsIn(temp / "store"));
  ASSERT_TRUE(store.ok());
  EXPECT_EQ((*store)->Find(Digest(1)).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ((*store)->List(kAlice, std::nullopt, 1).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ((*store)->Revoke(Digest(1), At(1), kOperator).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ((*store)->Insert(New(1)).status().code(), absl::StatusCode::kDataLoss);
}

TEST(OpenTokenStore, OpensWhatItsLocationSays) {
  TempDirectory temp;
  StoreOptions options;
  options.free_space_reserve_bytes = 0;
  options.location = "rocksdb:" + (temp / "store");
  for (int opening = 0; opening < 2; ++opening) {
    const auto store = OpenTokenStore(options);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->Find(Digest(1)).ok(), opening > 0);
    EXPECT_EQ((*store)->FindSession(SessionIdOf(1)).ok(), opening > 0);
    if (opening == 0) {
      ASSERT_TRUE((*store)->Insert(New(1)).ok());
      ASSERT_TRUE((*store)->Begin(NewSessionOf(1)).ok());
    }
  }
  options.location = "memory:";
  const auto store = OpenTokenStore(options);
  ASSERT_TRUE(store.ok());
  EXPECT_FALSE((*store)->Find(Digest(1)).ok());
  EXPECT_FALSE((*store)->FindSession(SessionIdOf(1)).ok());
}

TEST(OpenTokenStore, OtherLocationsAreInvalidAndTheAnswerNamesWhatIsAllowed) {
  for (const std::string location :
       {"", "rocksdb:", "memory:x", "memory", "redis:x", "/var/lib/tokens", "ROCKSDB:/x"}) {
    StoreOptions options;
    options.location = location;
    const absl::Status status = OpenTokenStore(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << location;
    EXPECT_TRUE(absl::StrContains(status.message(), "rocksdb:DIR or memory:")) << status;
  }
}

}  // namespace
}  // namespace tokens::testing
