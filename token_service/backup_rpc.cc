#include "token_service/backup_rpc.h"

#include "token_service/proto_convert.h"
#include "token_service/verify_audit.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

void Fill(const storage::Backup& backup, pb::Backup* message) {
  message->set_backup_id(backup.id);
  ToProto(backup.time, message->mutable_create_time());
  message->set_size_bytes(static_cast<int64_t>(backup.bytes));
  message->set_file_count(static_cast<int32_t>(backup.files));
  message->set_audit_sequence(backup.audit_head.sequence);
  message->set_audit_hash(backup.audit_head.hash.data(), backup.audit_head.hash.size());
  message->set_audit_head(FormatAuditHead(backup.audit_head));
}

}  // namespace

grpc::ServerUnaryReactor* BackupRpc::CreateBackup(grpc::CallbackServerContext* context, const pb::CreateBackupRequest*,
                                                  pb::CreateBackupResponse* response) {
  return calls_.RunOn(lane_, context, "CreateBackup", [this, response](CallNotes* notes) -> absl::Status {
    const absl::StatusOr<storage::Backup> backup = maker_.Make(notes->by);
    if (!backup.ok()) return backup.status();
    Fill(*backup, response->mutable_backup());
    return absl::OkStatus();
  });
}

}  // namespace tokens
