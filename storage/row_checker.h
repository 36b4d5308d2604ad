#ifndef STORAGE_ROW_CHECKER_H_
#define STORAGE_ROW_CHECKER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/rocksdb_read_only.h"
#include "storage/stored_session_codec.h"
#include "storage/stored_token_codec.h"
#include "storage/sweep_state.h"
#include "storage/verify_store.h"

namespace tokens::storage {

// The rules that the rows of a store keep, each by itself and with others. Given every row of every family in order, it
// tells each that breaks one. Not thread-safe.
class RowChecker {
 public:
  // All must outlive this.
  RowChecker(const RocksDbReadOnly& store, const FaultSink& fault) : store_(store), fault_(fault) {}

  // How far the store has been swept. Call first. An error as of Check.
  absl::Status LoadCutoffs();

  // An error only if the store could not be read; that a row is damaged goes to the sink.
  absl::Status Check(Family family, absl::string_view key, const std::string& value);

  // When all rows of `family` have been given.
  void Finish(Family family);

  void Report(const std::string& fault);
  uint64_t faults() const { return faults_; }
  const AuditHead& audit_head() const { return audit_head_; }

 private:
  absl::Status CheckToken(absl::string_view key, const std::string& value);
  absl::Status CheckByDid(absl::string_view key, const std::string& value);
  absl::Status CheckLive(absl::string_view key, const std::string& value);
  void CheckAccount(absl::string_view key, const std::string& value);
  absl::Status CheckSeen(absl::string_view key, const std::string& value);
  absl::Status CheckSessionRow(absl::string_view key, const std::string& value);
  absl::Status CheckSession(absl::string_view key, const std::string& value);
  absl::Status CheckRefresh(absl::string_view key, const std::string& value);
  absl::Status CheckLiveSession(absl::string_view key, const std::string& value);
  void CheckAudit(absl::string_view key, const std::string& value);
  absl::Status CheckCheckpointRow(absl::string_view key, const std::string& value);
  void FinishAccount();

  // The row behind another's key: nothing if it is not there, or cannot be read, which is told where it stands.
  absl::StatusOr<std::optional<std::string>> Row(Family family, const std::string& key);
  absl::StatusOr<std::optional<TokenEntry>> Token(const TokenDigest& digest);
  absl::StatusOr<std::optional<SessionEntry>> Session(const SessionId& id);
  absl::StatusOr<uint64_t> GenerationOf(const std::string& did);
  bool Swept(absl::Time end) const { return sweep_.TokenSwept(end); }

  const RocksDbReadOnly& store_;
  const FaultSink& fault_;
  SweepState sweep_;
  // Whether anything was ever swept: then a row that another names may have been, by a time of its own.
  bool ever_swept_ = false;
  uint64_t faults_ = 0;
  AuditHead audit_head_;
  // The account whose earlier generations are being read.
  std::string account_;
  uint64_t account_generation_ = 0;
  uint64_t next_generation_ = 1;
};

}  // namespace tokens::storage

#endif  // STORAGE_ROW_CHECKER_H_
