#include "storage/verify_store.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb_backup_reader.h"
#include "storage/rocksdb_read_only.h"
#include "storage/row_checker.h"
#include "storage/store_directory.h"

namespace tokens::storage {
namespace {

constexpr uint64_t kRowsBetweenReports = 1024;

// One reading of an opened store.
class Verification {
 public:
  Verification(const RocksDbReadOnly& store, const VerifyOptions& options)
      : store_(store), options_(options), checker_(store, options.fault) {}

  absl::StatusOr<StoreReport> Run() {
    Report("reading every block", 0);
    const absl::Status blocks = store_.VerifyChecksums();
    if (absl::IsDataLoss(blocks)) {
      checker_.Report(std::string(blocks.message()));
    } else if (!blocks.ok()) {
      return blocks;
    }
    if (absl::Status status = checker_.LoadCutoffs(); !status.ok()) return status;
    StoreReport report;
    for (int i = 0; i < kFamilies; ++i) {
      const absl::StatusOr<uint64_t> rows = ReadThrough(static_cast<Family>(i));
      if (!rows.ok()) return rows.status();
      report.families.push_back({kFamilyNames[i], *rows});
    }
    report.audit_head = checker_.audit_head();
    report.faults = checker_.faults();
    return report;
  }

 private:
  absl::StatusOr<uint64_t> ReadThrough(Family family) {
    const std::string doing = absl::StrCat("checking rows of ", kFamilyNames[static_cast<int>(family)]);
    const auto rows = store_.NewIterator(family);
    uint64_t count = 0;
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      const absl::Status status =
          checker_.Check(family, {rows->key().data(), rows->key().size()}, rows->value().ToString());
      if (!status.ok()) return status;
      if (++count % kRowsBetweenReports == 0) Report(doing, count);
    }
    const absl::Status end = store_.CheckIterator(*rows);
    if (absl::IsDataLoss(end)) {
      checker_.Report(absl::StrCat(kFamilyNames[static_cast<int>(family)], ": cannot be read after row ", count));
    } else if (!end.ok()) {
      return end;
    }
    checker_.Finish(family);
    return count;
  }

  void Report(absl::string_view doing, uint64_t done) const {
    if (options_.progress) options_.progress(doing, done, 0);
  }

  const RocksDbReadOnly& store_;
  const VerifyOptions& options_;
  RowChecker checker_;
};

absl::StatusOr<StoreReport> Verify(const RocksDbOptions& rocksdb, const VerifyOptions& options) {
  const auto store = RocksDbReadOnly::Open(rocksdb);
  if (!store.ok()) return store.status();
  return Verification(**store, options).Run();
}

}  // namespace

absl::StatusOr<StoreReport> VerifyStore(const std::string& directory, const VerifyOptions& options) {
  if (absl::Status status = CheckStoreAtRest(directory); !status.ok()) return status;
  RocksDbOptions rocksdb;
  rocksdb.directory = directory;
  rocksdb.strict_wal = options.strict_wal;
  rocksdb.log = options.log;
  return Verify(rocksdb, options);
}

absl::StatusOr<BackupReport> VerifyBackup(const std::string& backup_directory, uint32_t backup_id,
                                          const VerifyOptions& options) {
  const auto reader = RocksDbBackupReader::Open(backup_directory, options.log, options.progress);
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<rocksdb::BackupInfo> found = (*reader)->Find(backup_id);
  if (!found.ok()) return found.status();
  if (absl::Status status = (*reader)->VerifyFiles(*found); !status.ok()) return status;
  const absl::StatusOr<Backup> backup = Describe(*found, options.log);
  if (!backup.ok()) return backup.status();
  absl::StatusOr<StoreReport> report = Verify(OptionsToOpen(*found, options.log), options);
  if (!report.ok()) return report.status();
  return BackupReport{*backup, *std::move(report)};
}

}  // namespace tokens::storage
