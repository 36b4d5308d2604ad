#ifndef TOKEN_SERVICE_SERVICES_H_
#define TOKEN_SERVICE_SERVICES_H_

#include <memory>
#include <vector>

#include "storage/store.h"
#include "token_service/account_register.h"
#include "token_service/admin_rpc.h"
#include "token_service/audit_key.h"
#include "token_service/audit_rpc.h"
#include "token_service/backup_maker.h"
#include "token_service/backup_rpc.h"
#include "token_service/base/clock.h"
#include "token_service/base/random.h"
#include "token_service/caller_authorizer.h"
#include "token_service/checkpoint_writer.h"
#include "token_service/config.h"
#include "token_service/diagnosis_rpc.h"
#include "token_service/identity_lookup.h"
#include "token_service/policy_file.h"
#include "token_service/proof_spender.h"
#include "token_service/refusal_recorder.h"
#include "token_service/rpc_call.h"
#include "token_service/service_metrics.h"
#include "token_service/session_keys.h"
#include "token_service/session_rotator.h"
#include "token_service/session_rpc.h"
#include "token_service/session_verifier.h"
#include "token_service/stats_rpc.h"
#include "token_service/sweeper.h"
#include "token_service/token_issuer.h"
#include "token_service/token_lister.h"
#include "token_service/token_revoker.h"
#include "token_service/token_rpc.h"
#include "token_service/token_verifier.h"
#include "token_service/use_recorder.h"
#include "token_service/work_lane.h"

namespace tokens {

// What the services stand on. All must outlive them.
struct ServiceParts {
  storage::Store& store;
  const PolicyFile& policy;
  const SessionKeyFiles& session_keys;
  const AuditKeyFile& audit_key;
  const CallerAuthorizer& authorizer;
  IdentityLookup* lookup;  // Null without --fetch_identity.
  ServiceMetrics& metrics;
  Clock& clock;
  Random& random;
};

// The gRPC services of token_service with the rules behind them, the lanes that they run on, and what goes on beside
// them: sweeping, signing the audit, recording uses and refusals. Composed for main.cc, in order of dependency; the
// server must be shut down before this goes.
class Services {
 public:
  // `backups` is null where they are off.
  Services(const ServiceConfig& config, const ServiceParts& parts, std::unique_ptr<storage::BackupFolder> backups);
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // For Server::Start.
  std::vector<grpc::Service*> All() { return {&token_rpc_, &admin_rpc_, &session_rpc_, &audit_rpc_}; }

  // Ends a backup that is being made, soon: the program is about to end.
  void StopBackups() { backup_maker_.Stop(); }

 private:
  const CheckpointWriter checkpoints_;
  RefusalRecorder refusals_;
  UseRecorder uses_;
  const Sweeper sweeper_;

  TokenIssuer issuer_;
  TokenVerifier verifier_;
  TokenRevoker revoker_;
  TokenLister lister_;
  ProofSpender spender_;
  SessionVerifier session_verifier_;
  SessionRotator session_rotator_;
  AccountRegister accounts_;
  BackupMaker backup_maker_;

  RpcCalls calls_;
  WorkLane reads_;   // Batches and listings.
  WorkLane writes_;  // With `reads_`, never all places: a disk that stalls leaves room for Validate.
  WorkLane fetches_;
  WorkLane backups_;
  WorkLane exports_;

  TokenRpc token_rpc_;
  SessionRpc session_rpc_;
  DiagnosisRpc diagnosis_;
  BackupRpc backup_rpc_;
  StatsRpc stats_;
  AdminRpc admin_rpc_;
  AuditRpc audit_rpc_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_SERVICES_H_
