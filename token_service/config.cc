#include "token_service/config.h"

#include "absl/flags/flag.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "token_service/base/did.h"
#include "token_service/base/flags.h"
#include "token_service/base/metrics_listener.h"

ABSL_FLAG(std::string, grpc_listen, "127.0.0.1:50051",
          "where TokenService listens: HOST:PORT, [IPv6]:PORT or unix:PATH; port 0 picks a free one");
ABSL_FLAG(std::string, health_listen, "",
          "an extra plaintext listener with grpc.health.v1 only, for probes that speak no TLS; empty for none");
ABSL_FLAG(std::string, metrics_listen, "",
          "a plain HTTP listener for Prometheus, GET /metrics: IPv4:PORT; port 0 picks a free one; empty for none");
ABSL_FLAG(std::string, store, "", "where tokens live: rocksdb:DIR, or memory: (lost at exit); required");
ABSL_FLAG(
    std::string, policy, "",
    "policy file (textproto, didpic.token.v1.Policy in proto/didpic/token/v1/policy.proto); required; read again on "
    "SIGHUP");
ABSL_FLAG(std::string, lexicons, "",
          "folder of lexicons that prove each allowed method to be a query, such as app/didpic/feed/getTimeline.json; "
          "required; read again with the policy");
ABSL_FLAG(std::vector<std::string>, session_key, {},
          "PEM or JWK file with a private key (P-256 or secp256k1) that signs sessions' JWTs; may be given several "
          "times: the first signs, all check; without any, SessionService answers SESSIONS_OFF; read again on SIGHUP");
ABSL_FLAG(std::string, service_did, "", "DID of this service, the audience of sessions' JWTs; with --session_key");
ABSL_FLAG(std::string, audit_key, "",
          "PEM file with the private key (Ed25519) that signs checkpoints of the audit; empty for none; read again on "
          "SIGHUP");
ABSL_FLAG(absl::Duration, audit_checkpoint_interval, absl::Minutes(1),
          "how often the audit is signed, if it has grown, with --audit_key (1s to 24h)");
ABSL_FLAG(std::vector<std::string>, audit_public_key, {},
          "with verify-audit: PEM file with the public half of an --audit_key; may be given several times; none leaves "
          "signatures unchecked");
ABSL_FLAG(std::string, audit_head, "",
          "with verify-audit: an end that the audit is known to have had, NUMBER:HASH as verify-audit printed it");
ABSL_FLAG(
    std::string, backup_dir, "",
    "where AdminService/CreateBackup puts backups, a directory for nothing else, best on another disk; empty turns "
    "backups off; with restore and verify: where they are");
ABSL_FLAG(int, backup_keep, 24, "backups to keep; older ones are removed when a new one is complete (1 to 10000)");
ABSL_FLAG(int, backup_mb_per_second, 64, "pace of a backup, MiB in a second; 0 for no limit (0 to 1048576)");
ABSL_FLAG(uint32_t, backup_id, 0, "with restore and verify: which backup; 0 is the newest");
ABSL_FLAG(std::string, tls_cert, "",
          "PEM chain of this server; with --tls_key and --tls_client_ca turns mutual TLS on; all three are read again "
          "when they change");
ABSL_FLAG(std::string, tls_key, "", "PEM private key of --tls_cert");
ABSL_FLAG(std::string, tls_client_ca, "", "PEM certificates that may have signed a client's");
ABSL_FLAG(
    std::string, tls_crl, "",
    "PEM revocation lists, each signed by a certificate of --tls_client_ca; empty for none; read again every 10 s");
ABSL_FLAG(bool, allow_plaintext, false, "listen without TLS on an address that other machines can reach");
ABSL_FLAG(
    int, block_cache_mb, 256,
    "RocksDB's cache of data blocks, MiB (8 to 1048576); indexes and filters come on top, about 2 bytes per token");
ABSL_FLAG(
    int, free_space_reserve_mb, 256,
    "refuse writes while the store's file system has less free space, MiB (1 to 1048576); they resume by themselves");
ABSL_FLAG(
    bool, strict_wal, false,
    "refuse to start on a torn last record of the write-ahead log, as a power cut may leave it (operations.md, After "
    "a crash)");
ABSL_FLAG(absl::Duration, retention, absl::Hours(30 * 24),
          "how long a token is remembered after its expiry or revocation (1h to 87600h)");
ABSL_FLAG(
    int, max_concurrent_requests, 1024,
    "requests in flight; one more gets RESOURCE_EXHAUSTED at once (1 to 1000000); writes take at most half of the "
    "places, batches and listings a quarter");
ABSL_FLAG(int, write_threads, 64, "writes that may wait for the disk together (1 to 1024); they share one sync");
ABSL_FLAG(absl::Duration, drain_grace, absl::Seconds(15),
          "after SIGTERM, how long requests in flight may take (0s to 10m)");
ABSL_FLAG(
    bool, fetch_identity, false,
    "ask the hosts that OAuth clients and accounts name, for AdminService's DescribeClient and DiscoverServer and for "
    "CreateSession with a client; without it this program makes no request of its own");
ABSL_FLAG(bool, allow_insecure_resolution, false,
          "development: with --fetch_identity, ask over http and at loopback addresses too");
ABSL_FLAG(std::string, plc_url, "https://plc.directory", "directory of did:plc, with --fetch_identity");
ABSL_FLAG(
    std::string, dns_servers, "",
    "DNS servers to ask about handles, with --fetch_identity: ADDRESS or ADDRESS:PORT, separated by commas; empty "
    "means the system's");
ABSL_FLAG(std::string, resolver_ca_file, "",
          "PEM certificates to trust with --fetch_identity; empty means the system's");
ABSL_FLAG(std::vector<std::string>, resolver_connect_to, {},
          "development: HOST:PORT:ADDRESS:PORT, reach the first by the second with --fetch_identity; needs "
          "--allow_insecure_resolution");

namespace tokens {
namespace {

// False, with a fault, unless `address` has the form of an address to listen on.
bool CheckAddress(absl::string_view flag, const std::string& address, std::vector<std::string>* faults) {
  if (address.rfind("unix:", 0) == 0 && address.size() > 5) return true;
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon != 0 && absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 0 &&
      port <= 65535) {
    return true;
  }
  faults->push_back(absl::StrCat(flag, ": must be HOST:PORT, [IPv6]:PORT or unix:PATH"));
  return false;
}

}  // namespace

std::vector<std::string> RepeatableFlags() { return {"session_key", "resolver_connect_to", "audit_public_key"}; }

ServiceConfig ReadConfig() {
  ServiceConfig config;
  config.grpc_listen = absl::GetFlag(FLAGS_grpc_listen);
  config.health_listen = absl::GetFlag(FLAGS_health_listen);
  config.metrics_listen = absl::GetFlag(FLAGS_metrics_listen);
  config.store = absl::GetFlag(FLAGS_store);
  config.audit_key = absl::GetFlag(FLAGS_audit_key);
  config.audit_checkpoint_interval = absl::GetFlag(FLAGS_audit_checkpoint_interval);
  config.audit_head = absl::GetFlag(FLAGS_audit_head);
  config.audit_public_keys = absl::GetFlag(FLAGS_audit_public_key);
  config.backup_dir = absl::GetFlag(FLAGS_backup_dir);
  config.backup_keep = absl::GetFlag(FLAGS_backup_keep);
  config.backup_mb_per_second = absl::GetFlag(FLAGS_backup_mb_per_second);
  config.backup_id = absl::GetFlag(FLAGS_backup_id);
  config.policy = absl::GetFlag(FLAGS_policy);
  config.lexicons = absl::GetFlag(FLAGS_lexicons);
  config.session_keys = absl::GetFlag(FLAGS_session_key);
  config.service_did = absl::GetFlag(FLAGS_service_did);
  config.tls = {absl::GetFlag(FLAGS_tls_cert), absl::GetFlag(FLAGS_tls_key), absl::GetFlag(FLAGS_tls_client_ca)};
  config.tls_crl = absl::GetFlag(FLAGS_tls_crl);
  config.allow_plaintext = absl::GetFlag(FLAGS_allow_plaintext);
  config.block_cache_mb = absl::GetFlag(FLAGS_block_cache_mb);
  config.free_space_reserve_mb = absl::GetFlag(FLAGS_free_space_reserve_mb);
  config.strict_wal = absl::GetFlag(FLAGS_strict_wal);
  config.retention = absl::GetFlag(FLAGS_retention);
  config.max_concurrent_requests = absl::GetFlag(FLAGS_max_concurrent_requests);
  config.write_threads = absl::GetFlag(FLAGS_write_threads);
  config.drain_grace = absl::GetFlag(FLAGS_drain_grace);
  config.fetch_identity = absl::GetFlag(FLAGS_fetch_identity);
  config.allow_insecure_resolution = absl::GetFlag(FLAGS_allow_insecure_resolution);
  config.plc_url = absl::GetFlag(FLAGS_plc_url);
  config.dns_servers = absl::GetFlag(FLAGS_dns_servers);
  config.resolver_ca_file = absl::GetFlag(FLAGS_resolver_ca_file);
  config.resolver_connect_to = absl::GetFlag(FLAGS_resolver_connect_to);
  return config;
}

std::vector<std::string> Check(const ServiceConfig& config) {
  std::vector<std::string> faults;
  const bool can_listen = CheckAddress("--grpc_listen", config.grpc_listen, &faults);
  if (!config.health_listen.empty()) CheckAddress("--health_listen", config.health_listen, &faults);
  CheckMetricsAddress(config.metrics_listen, &faults);
  if (config.store.empty()) faults.emplace_back("--store: required, for example rocksdb:/var/lib/token_service");
  if (config.policy.empty()) faults.emplace_back("--policy: required");
  if (config.lexicons.empty()) faults.emplace_back("--lexicons: required");
  if (!config.session_keys.empty() && !IsValidDid(config.service_did)) {
    faults.emplace_back("--service_did: required with --session_key, a DID");
  }
  if (!config.tls.empty() && !config.tls.complete()) {
    faults.emplace_back("--tls_cert, --tls_key and --tls_client_ca: all three or none");
  }
  if (!config.tls_crl.empty() && config.tls.empty()) faults.emplace_back("--tls_crl: needs --tls_cert");
  if (can_listen && config.tls.empty() && !config.allow_plaintext && !IsLocalAddress(config.grpc_listen)) {
    faults.emplace_back(
        "--grpc_listen: plaintext on an address that other machines can reach needs --tls_cert, --tls_key and "
        "--tls_client_ca, or --allow_plaintext");
  }
  CheckRange("--backup_keep", config.backup_keep, 1, 10000, &faults);
  CheckRange("--backup_mb_per_second", config.backup_mb_per_second, 0, 1 << 20, &faults);
  CheckRange("--block_cache_mb", config.block_cache_mb, 8, 1 << 20, &faults);
  CheckRange("--free_space_reserve_mb", config.free_space_reserve_mb, 1, 1 << 20, &faults);
  CheckRange("--retention", config.retention, absl::Hours(1), absl::Hours(87600), &faults);
  CheckRange("--audit_checkpoint_interval", config.audit_checkpoint_interval, absl::Seconds(1), absl::Hours(24),
             &faults);
  CheckRange("--max_concurrent_requests", config.max_concurrent_requests, 1, 1000000, &faults);
  CheckRange("--write_threads", config.write_threads, 1, 1024, &faults);
  CheckRange("--drain_grace", config.drain_grace, absl::ZeroDuration(), absl::Minutes(10), &faults);
  return faults;
}

std::string Describe(const ServiceConfig& config) {
  return absl::StrCat(
      "version=", TOKENS_VERSION, " grpc_listen=", config.grpc_listen, " health_listen=", config.health_listen,
      " metrics_listen=", config.metrics_listen, " store=", config.store, " backup_dir=", config.backup_dir,
      " backup_keep=", config.backup_keep, " backup_mb_per_second=", config.backup_mb_per_second,
      " policy=", config.policy, " lexicons=", config.lexicons,
      " session_keys=", absl::StrJoin(config.session_keys, ","), " service_did=", config.service_did,
      " audit_key=", config.audit_key,
      " audit_checkpoint_interval=", absl::FormatDuration(config.audit_checkpoint_interval),
      " tls=", config.tls.empty() ? "off" : "mutual", " tls_crl=", config.tls_crl,
      " block_cache_mb=", config.block_cache_mb, " free_space_reserve_mb=", config.free_space_reserve_mb,
      " strict_wal=", config.strict_wal ? "true" : "false", " retention=", absl::FormatDuration(config.retention),
      " max_concurrent_requests=", config.max_concurrent_requests, " write_threads=", config.write_threads,
      " drain_grace=", absl::FormatDuration(config.drain_grace),
      " fetch_identity=", config.fetch_identity ? "true" : "false",
      " allow_insecure_resolution=", config.allow_insecure_resolution ? "true" : "false");
}

}  // namespace tokens
