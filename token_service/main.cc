// token_service: mints, validates and revokes widget tokens over gRPC.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/usage.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "storage/backup_directory.h"
#include "storage/open_token_store.h"
#include "token_service/audit_key.h"
#include "token_service/base/certificate_files.h"
#include "token_service/base/clock.h"
#include "token_service/base/flags.h"
#include "token_service/base/log.h"
#include "token_service/base/random.h"
#include "token_service/base/stop_signal.h"
#include "token_service/caller_authorizer.h"
#include "token_service/commands.h"
#include "token_service/config.h"
#include "token_service/identity_lookup.h"
#include "token_service/policy_file.h"
#include "token_service/reload.h"
#include "token_service/revocation_file.h"
#include "token_service/server.h"
#include "token_service/service_metrics.h"
#include "token_service/services.h"
#include "token_service/session_keys.h"

namespace tokens {
namespace {

constexpr char kUsage[] =
    "Mints, validates and revokes widget tokens for an AT Protocol AppView over gRPC.\n\n"
    "  token_service --store=rocksdb:DIR --policy=FILE --lexicons=DIR [--backup_dir=DIR]\n"
    "%s\n"
    "Each flag can also come from the environment: --tryfromenv=store,policy reads FLAGS_store and FLAGS_policy.\n"
    "SIGHUP reads the policy and the keys again; SIGTERM drains and exits 0; a refusal to start exits 2.";

storage::StoreOptions StoreOptionsOf(const ServiceConfig& config, ServiceMetrics& metrics) {
  storage::StoreOptions options;
  options.location = config.store;
  options.block_cache_bytes = static_cast<uint64_t>(config.block_cache_mb) << 20;
  options.free_space_reserve_bytes = static_cast<uint64_t>(config.free_space_reserve_mb) << 20;
  options.strict_wal = config.strict_wal;
  options.log = [](const std::string& message) {
    LogFields fields;
    fields.detail = message;
    Log(LogLevel::kWarning, "store", fields);
  };
  metrics.Observe(&options);
  return options;
}

// Null where backups are off.
absl::StatusOr<std::unique_ptr<storage::BackupFolder>> OpenBackups(const ServiceConfig& config, storage::Store& store) {
  if (config.backup_dir.empty()) return nullptr;
  storage::BackupOptions options;
  options.directory = config.backup_dir;
  options.keep = config.backup_keep;
  options.bytes_per_second = static_cast<uint64_t>(config.backup_mb_per_second) << 20;
  options.free_space_reserve_bytes = static_cast<uint64_t>(config.free_space_reserve_mb) << 20;
  return store.OpenBackups(options);
}

CallerAuthorizer MakeAuthorizer(const ServiceConfig& config, const CallerSources& sources) {
  if (!config.tls.empty()) return CallerAuthorizer(sources);
  if (sources.policy.Current()->HasCallers()) {
    LogFields fields;
    fields.detail =
        "the listener has no TLS, so the policy's callers do not count: whoever reaches it may call anything";
    Log(LogLevel::kWarning, "callers_not_checked", fields);
  }
  return CallerAuthorizer();
}

ListenOptions ListenOptionsOf(const ServiceConfig& config, const TlsFiles& tls, const CallerAuthorizer& authorizer) {
  ListenOptions options;
  options.grpc_listen = config.grpc_listen;
  options.health_listen = config.health_listen;
  options.tls = tls;
  options.check_certificate = [&authorizer](absl::string_view pem) { return authorizer.CheckCertificate(pem); };
  return options;
}

int Run(const ServiceConfig& config) {
  StopSignal stop;
  InitLog();
  const CallerRule callers = config.tls.empty() ? CallerRule::kOptional : CallerRule::kRequired;
  const auto policy = PolicyFile::Open(config.policy, LexiconFolder(config.lexicons), callers);
  if (!policy.ok()) return RefuseLines("token_service", "--policy", policy.status());
  const absl::StatusOr<std::unique_ptr<SessionKeyFiles>> session_keys = SessionKeyFiles::Open(config.session_keys);
  if (!session_keys.ok()) return RefuseLines("token_service", "--session_key", session_keys.status());
  const absl::StatusOr<std::unique_ptr<AuditKeyFile>> audit_key = AuditKeyFile::Open(config.audit_key);
  if (!audit_key.ok()) return RefuseLines("token_service", "--audit_key", audit_key.status());
  SystemClock clock;
  ServiceMetrics metrics(clock.Now(), (*policy)->Current()->digest());
  const auto certificates = CertificateFiles::Open(config.tls, "server", metrics.program().ObserverOfCertificates());
  if (!certificates.ok()) return RefuseLines("token_service", "--tls_…", certificates.status());
  const auto revocations =
      RevocationFile::Open(config.tls_crl, config.tls.peer_ca, clock, metrics.program().ObserverOf(Reloadable::kCrl));
  if (!revocations.ok()) return RefuseLines("token_service", "--tls_crl", revocations.status());
  // Before the store, which would be made where there is none: a mistyped directory leaves nothing behind.
  if (const absl::Status status = storage::CheckBackupDirectory(config.backup_dir); absl::IsInvalidArgument(status)) {
    return RefuseLines("token_service", "--backup_dir", status);
  }
  const auto store = storage::OpenTokenStore(StoreOptionsOf(config, metrics));
  if (!store.ok()) return RefuseLines("token_service", "--store", store.status());
  absl::StatusOr<std::unique_ptr<storage::BackupFolder>> backup_folder = OpenBackups(config, **store);
  if (!backup_folder.ok()) return RefuseLines("token_service", "--backup_dir", backup_folder.status());
  const absl::StatusOr<std::unique_ptr<IdentityLookup>> lookup = IdentityLookup::Create(config, clock);
  if (!lookup.ok()) return RefuseLines("token_service", "--fetch_identity", lookup.status());

  const CallerAuthorizer authorizer = MakeAuthorizer(config, {**policy, **revocations, clock});
  SystemRandom random;
  Services services(config,
                    {**store, **policy, **session_keys, **audit_key, authorizer, lookup->get(), metrics, clock, random},
                    *std::move(backup_folder));
  const auto metrics_listener = metrics.Serve(config.metrics_listen, **store);
  if (!metrics_listener.ok()) return RefuseLines("token_service", "--metrics_listen", metrics_listener.status());
  const absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(ListenOptionsOf(config, (*certificates)->in_use(), authorizer), services.All());
  if (!server.ok()) return Refuse("token_service", {std::string(server.status().message())});

  const std::string description = Describe(config);
  LogFields started;
  started.detail = description;
  Log(LogLevel::kInfo, "started", started);
  std::printf("listening grpc %s\n", (*server)->grpc_address().c_str());
  if (!config.health_listen.empty()) std::printf("listening health %s\n", (*server)->health_address().c_str());
  if (!config.metrics_listen.empty()) std::printf("listening metrics %s\n", (*metrics_listener)->address().c_str());
  std::fflush(stdout);

  stop.Wait([&] { Reload(**policy, **session_keys, **audit_key, **store, clock, metrics.program()); });
  Log(LogLevel::kInfo, "draining");
  services.StopBackups();
  (*server)->Drain(config.drain_grace);
  Log(LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace
}  // namespace tokens

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(
      absl::OnDeadlockCycle::kIgnore);  // Debian's default makes every lock 3-5 x slower
  if (const tokens::Command* command = tokens::FindCommand(argc, argv)) {
    absl::SetProgramUsageMessage(command->usage);
    return command->run(argc - 1, argv + 1);
  }
  absl::SetProgramUsageMessage(absl::StrFormat(tokens::kUsage, tokens::CommandUsages()));
  std::vector<std::string> faults = tokens::ParseFlags(argc, argv, tokens::RepeatableFlags());
  if (faults.empty()) faults = tokens::Check(tokens::ReadConfig());
  if (!faults.empty()) return tokens::Refuse("token_service", faults);
  const int code = tokens::Run(tokens::ReadConfig());
  tokens::FlushLog();
  return code;
}
