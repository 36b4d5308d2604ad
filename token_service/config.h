#ifndef TOKEN_SERVICE_CONFIG_H_
#define TOKEN_SERVICE_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "token_service/base/tls_files.h"

namespace tokens {

// What the command line says, each value explained by its flag in config.cc.
struct ServiceConfig {
  std::string grpc_listen;
  std::string health_listen;   // Empty for none.
  std::string metrics_listen;  // Empty for none.
  std::string store;
  std::string audit_key;  // Empty for no checkpoints.
  absl::Duration audit_checkpoint_interval;
  std::string audit_head;                      // Of verify-audit alone, as the next.
  std::vector<std::string> audit_public_keys;  // Empty: signatures are not looked at.
  std::string backup_dir;                      // Empty for no backups.
  int backup_keep = 0;
  int backup_mb_per_second = 0;  // 0 for no limit.
  uint32_t backup_id = 0;        // Of restore and verify alone; 0 for the newest.
  std::string policy;
  std::string lexicons;
  std::vector<std::string> session_keys;  // Empty for no sessions.
  std::string service_did;                // Empty only without sessions.
  TlsFiles tls;                           // Empty for plaintext.
  std::string tls_crl;                    // Empty for none.
  bool allow_plaintext = false;
  int block_cache_mb = 0;
  int free_space_reserve_mb = 0;
  bool strict_wal = false;
  absl::Duration retention;
  int max_concurrent_requests = 0;
  int write_threads = 0;
  absl::Duration drain_grace;
  bool fetch_identity = false;
  bool allow_insecure_resolution = false;
  std::string plc_url;
  std::string dns_servers;       // Empty for the system's.
  std::string resolver_ca_file;  // Empty for the system's.
  std::vector<std::string> resolver_connect_to;
};

// The flags that may be given several times, for ParseFlags.
std::vector<std::string> RepeatableFlags();

// The flags as a ServiceConfig. Call after ParseFlags.
ServiceConfig ReadConfig();

// One line per fault, each beginning with its flag; empty if the program may start.
std::vector<std::string> Check(const ServiceConfig& config);

// The configuration in force, for the log. File names only; it holds no secret.
std::string Describe(const ServiceConfig& config);

}  // namespace tokens

#endif  // TOKEN_SERVICE_CONFIG_H_
