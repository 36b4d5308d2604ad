// What the proof of a store's audit finds, with the store's files changed behind its back.
#include "storage/rocksdb_audit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "rocksdb/db.h"
#include "storage/rocksdb_keys.h"
#include "storage/rocksdb_token_store.h"
#include "tests/storage/rocksdb_options_for_test.h"
#include "tests/storage/test_records.h"
#include "tests/support/temp_directory.h"

namespace tokens::testing {
namespace {

using storage::AuditCheckpoint;
using storage::AuditHead;
using storage::AuditKey;
using storage::Family;
using storage::kFamilyNames;
using storage::RocksDbTokenStore;
using storage::VerifyAudit;

constexpr uint32_t kRecords = 6;

class RocksDbAudit : public ::testing::Test {
 protected:
  // A closed store with kRecords records.
  void SetUp() override {
    auto store = RocksDbTokenStore::Open(OptionsIn(directory_));
    ASSERT_TRUE(store.ok()) << store.status();
    for (uint32_t number = 1; number <= kRecords; ++number) ASSERT_TRUE((*store)->Insert(New(number)).ok());
    head_ = (*store)->ReadAuditHead().value();
  }

  // Changes the closed store's audit by RocksDB's own means: its checksums are right.
  void Tamper(const std::function<void(rocksdb::DB&, rocksdb::ColumnFamilyHandle*)>& change,
              Family family = Family::kAudit) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : kFamilyNames) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::DBOptions(), directory_, families, &handles, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    change(*db, handles[static_cast<int>(family)]);
    for (rocksdb::ColumnFamilyHandle* handle : handles) EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  static std::string Get(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit, uint64_t sequence) {
    std::string value;
    EXPECT_TRUE(db.Get({}, audit, AuditKey(sequence), &value).ok());
    return value;
  }
  static void Put(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit, uint64_t sequence, const std::string& value) {
    EXPECT_TRUE(db.Put({}, audit, AuditKey(sequence), value).ok());
  }
  static void Delete(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit, uint64_t sequence) {
    EXPECT_TRUE(db.Delete({}, audit, AuditKey(sequence)).ok());
  }

  // Of the record that is the last.
  AuditCheckpoint Sign() {
    auto store = RocksDbTokenStore::Open(OptionsIn(directory_));
    EXPECT_TRUE(store.ok()) << store.status();
    const AuditCheckpoint checkpoint = {(*store)->ReadAuditHead().value(), At(9), "0123456789abcdef", {}};
    EXPECT_EQ((*store)->WriteCheckpoint(checkpoint), absl::OkStatus());
    return checkpoint;
  }
  absl::StatusOr<AuditHead> Verify(const std::optional<AuditHead>& known = std::nullopt) {
    const auto proven = VerifyAudit(OptionsIn(directory_), {known, {}});
    if (!proven.ok()) return proven.status();
    return proven->head;
  }
  void ExpectBroken(const std::string& message, const std::optional<AuditHead>& known = std::nullopt) {
    const absl::Status status = Verify(known).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_TRUE(absl::StartsWith(status.message(), message)) << status;
  }

  TempDirectory temp_;
  const std::string directory_ = temp_ / "store";
  AuditHead head_;
};

TEST_F(RocksDbAudit, HoldsAndNamesItsEnd) {
  EXPECT_EQ(head_.sequence, kRecords);
  EXPECT_EQ(Verify().value(), head_);
  EXPECT_EQ(Verify(head_).value(), head_);
}

TEST_F(RocksDbAudit, ProofTouchesNoFile) {
  const auto state = [this] {
    std::vector<std::pair<std::string, std::uintmax_t>> files;
    for (const auto& file : std::filesystem::directory_iterator(directory_)) {
      files.emplace_back(file.path().filename(), file.file_size());
    }
    std::sort(files.begin(), files.end());
    return files;
  };
  const auto before = state();
  ASSERT_TRUE(Verify().ok());
  EXPECT_EQ(state(), before);
}

TEST_F(RocksDbAudit, AnyChangedByteOfARecordIsFound) {
  size_t size = 0;
  Tamper([&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) { size = Get(db, audit, 3).size(); });
  ASSERT_GT(size, 32u);
  for (size_t at = 0; at < size; at += 11) {
    SCOPED_TRACE(at);
    const auto flip = [&](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) {
      std::string value = Get(db, audit, 3);
      value[at] = static_cast<char>(value[at] ^ 1);
      Put(db, audit, 3, value);
    };
    Tamper(flip);
    ExpectBroken("record 3:");
    Tamper(flip);
  }
  EXPECT_TRUE(Verify().ok());
}

TEST_F(RocksDbAudit, RecordTakenOutIsFound) {
  Tamper([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) { Delete(db, audit, 4); });
  ExpectBroken("record 4: missing; the next is 5");
}

TEST_F(RocksDbAudit, FirstRecordTakenOutIsFound) {
  Tamper([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) { Delete(db, audit, 1); });
  ExpectBroken("record 1: missing; the next is 2");
}

TEST_F(RocksDbAudit, TwoRecordsThatChangedPlacesAreFound) {
  Tamper([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) {
    const std::string second = Get(db, audit, 2);
    Put(db, audit, 2, Get(db, audit, 3));
    Put(db, audit, 3, second);
  });
  ExpectBroken("record 2: its hash");
}

TEST_F(RocksDbAudit, EndCutOffIsFoundByWhoKnowsIt) {
  Tamper([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) {
    Delete(db, audit, 5);
    Delete(db, audit, 6);
  });
  EXPECT_EQ(Verify()->sequence, 4u) << "what is left is a chain";
  ExpectBroken("record 5: missing; 6 is known", head_);
}

TEST_F(RocksDbAudit, HistoryWrittenAnewIsFoundByWhoKnowsTheOld) {
  Tamper([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) {
    for (uint64_t sequence = 1; sequence <= kRecords; ++sequence) Delete(db, audit, sequence);
  });
  {
    auto store = RocksDbTokenStore::Open(OptionsIn(directory_));
    ASSERT_TRUE(store.ok()) << store.status();
    for (uint32_t number = 1; number <= kRecords; ++number) {
      ASSERT_TRUE((*store)->Insert(NewFor(kBob, 100 + number)).ok());
    }
  }
  EXPECT_TRUE(Verify().ok());
  ExpectBroken("record 6: not the one that is known", head_);
}

TEST_F(RocksDbAudit, RecordThatARestorationLostIsToldFromOneCutOff) {
  {
    auto store = RocksDbTokenStore::Open(OptionsIn(directory_));
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->AppendAudit({At(1), storage::AuditAction::kRestored, kOperator, "", "", ""}).ok());
    ASSERT_TRUE((*store)->Insert(New(7)).ok());
  }
  EXPECT_TRUE(Verify(head_).ok()) << "what was in the backup is there";
  ExpectBroken("record 9: not in this store, which was restored", AuditHead{9, {}});
  ExpectBroken("record 1700000001000002: missing", AuditHead{1'700'000'001'000'002, {}});
}

TEST_F(RocksDbAudit, LastRecordThatCannotBeReadKeepsTheStoreShut) {
  Tamper([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) { Put(db, audit, kRecords, "x"); });
  EXPECT_TRUE(absl::IsDataLoss(RocksDbTokenStore::Open(OptionsIn(directory_)).status()))
      << "there is nothing that the chain could go on from";
}

TEST_F(RocksDbAudit, CheckpointsAreProvenWithTheChain) {
  EXPECT_EQ(VerifyAudit(OptionsIn(directory_), {})->last_checkpoint, std::nullopt);
  const AuditCheckpoint checkpoint = Sign();
  const auto proven = VerifyAudit(OptionsIn(directory_), {});
  ASSERT_TRUE(proven.ok()) << proven.status();
  EXPECT_EQ(proven->last_checkpoint, checkpoint);
  EXPECT_EQ(proven->records_after, 0u);
}

TEST_F(RocksDbAudit, EndCutOffBelowACheckpointIsFoundByAnybody) {
  Sign();
  Tamper([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* audit) {
    Delete(db, audit, 5);
    Delete(db, audit, 6);
  });
  ExpectBroken("record 5: missing; 6 was signed");
}

TEST_F(RocksDbAudit, CheckpointThatCannotBeReadIsNamed) {
  Sign();
  Tamper([](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* checkpoints) { Put(db, checkpoints, 6, "x"); },
         Family::kCheckpoints);
  ExpectBroken("checkpoint 6: cannot be read");
  const auto store = RocksDbTokenStore::Open(OptionsIn(directory_));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(absl::IsDataLoss((*store)->ReadCheckpoints(0, 1).status()));
}

TEST_F(RocksDbAudit, StoreFromBeforeThereWereCheckpointsCanBeProven) {
  Tamper([](rocksdb::DB& db,
            rocksdb::ColumnFamilyHandle* checkpoints) { EXPECT_TRUE(db.DropColumnFamily(checkpoints).ok()); },
         Family::kCheckpoints);
  EXPECT_EQ(Verify().value(), head_);
}

TEST_F(RocksDbAudit, DirectoryWithoutAStoreCannotBeProven) {
  EXPECT_FALSE(VerifyAudit(OptionsIn(temp_ / "none"), {}).ok());
  EXPECT_FALSE(std::filesystem::exists(temp_ / "none"));
}

}  // namespace
}  // namespace tokens::testing
