#include "token_service/audit_rpc.h"

#include <memory>

#include "token_service/audit_export.h"
#include "token_service/rpc_stream.h"

namespace tokens {

namespace pb = ::didpic::token::v1;

grpc::ServerWriteReactor<pb::ExportResponse>* AuditRpc::Export(grpc::CallbackServerContext* context,
                                                               const pb::ExportRequest* request) {
  auto audit_export = std::make_shared<AuditExport>(audit_, *request);
  return RpcStream<pb::ExportResponse>::Start(
      calls_, exports_, context, "Export",
      [audit_export](CallNotes*, pb::ExportResponse* message) { return audit_export->Next(message); });
}

}  // namespace tokens
