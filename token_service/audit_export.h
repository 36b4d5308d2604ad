#ifndef TOKEN_SERVICE_AUDIT_EXPORT_H_
#define TOKEN_SERVICE_AUDIT_EXPORT_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "didpic/token/v1/audit_service.pb.h"
#include "storage/audit_log.h"
#include "token_service/rpc_stream.h"

namespace tokens {

// One export of the audit, message by message (proto/didpic/token/v1/audit_service.proto). Blocks on the store. Not
// thread-safe.
class AuditExport {
 public:
  // How many records a message looks at: with the largest records about 1 MiB.
  static constexpr int kRecordsPerMessage = 256;

  // `audit` must outlive this.
  AuditExport(storage::AuditLog& audit, didpic::token::v1::ExportRequest request)
      : audit_(audit), request_(std::move(request)) {}

  // Fills the next message. kNothingYet where none of the records looked at is asked for. INVALID_ARGUMENT at first for
  // a malformed request; otherwise the store's errors.
  absl::StatusOr<StreamStep> Next(didpic::token::v1::ExportResponse* message);

 private:
  absl::Status Begin();
  bool IsAskedFor(const storage::AuditRecord& record) const;

  storage::AuditLog& audit_;
  const didpic::token::v1::ExportRequest request_;
  absl::Time from_ = absl::InfinitePast();
  absl::Time to_ = absl::InfiniteFuture();
  uint64_t end_ = 0;         // The last record there was when it began.
  storage::AuditHead head_;  // Of the last record looked at.
  bool begun_ = false;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_AUDIT_EXPORT_H_
