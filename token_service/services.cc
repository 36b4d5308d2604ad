#include "token_service/services.h"

#include <algorithm>
#include <utility>

namespace tokens {
namespace {

constexpr int kFetchThreads = 8;  // each held for some fetches at most
constexpr int kMaxFetches = 64;
constexpr int kBackupThreads = 2;  // one backs up, the other tells whoever comes meanwhile
constexpr int kReadThreads = 4;    // each batch or listing may wait for the disk many times
constexpr int kExportThreads = 2;
constexpr int kMaxExports = 8;  // each holds its place for as long as its reader takes

}  // namespace

Services::Services(const ServiceConfig& config, const ServiceParts& parts,
                   std::unique_ptr<storage::BackupFolder> backups)
    : checkpoints_(parts.store, parts.audit_key, parts.clock, config.audit_checkpoint_interval),
      refusals_(parts.store),
      uses_(parts.store),
      sweeper_(parts.store, parts.clock, config.retention),
      issuer_(parts.store, parts.policy, parts.clock, parts.random),
      verifier_(parts.store, parts.policy, parts.clock, uses_),
      revoker_(parts.store, parts.clock),
      lister_(parts.store, parts.clock),
      spender_(parts.store, parts.clock),
      session_verifier_(parts.store, parts.session_keys, parts.policy, config.service_did, parts.clock),
      session_rotator_(parts.store, parts.session_keys, parts.policy, config.service_did,
                       SessionClientsBy(parts.lookup), parts.clock, parts.random),
      accounts_(parts.store, parts.clock),
      backup_maker_(std::move(backups), parts.clock,
                    [&metrics = parts.metrics](absl::Time begun) { metrics.BackupSucceeded(begun); }),
      calls_(config.max_concurrent_requests, parts.clock, parts.authorizer, parts.metrics.ForCalls(),
             [this](const RefusedCall& call) { refusals_.Note(call); }),
      reads_(kReadThreads, std::max(1, config.max_concurrent_requests / 4)),
      writes_(config.write_threads, std::max(1, config.max_concurrent_requests / 2)),
      fetches_(kFetchThreads, kMaxFetches),
      backups_(kBackupThreads, 2 * kBackupThreads),
      exports_(kExportThreads, kMaxExports),
      token_rpc_({issuer_, verifier_, revoker_, lister_, session_verifier_, spender_}, calls_, reads_, writes_,
                 parts.clock),
      session_rpc_(session_rotator_, session_verifier_, calls_, writes_, fetches_),
      diagnosis_(DocumentsBy(parts.lookup), AccountsBy(parts.lookup), calls_, fetches_),
      backup_rpc_(backup_maker_, calls_, backups_),
      stats_(parts.metrics, parts.store, calls_, reads_),
      admin_rpc_(accounts_, diagnosis_, backup_rpc_, stats_, calls_, writes_),
      audit_rpc_(parts.store, calls_, exports_) {}

}  // namespace tokens
