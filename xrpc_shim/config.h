#ifndef XRPC_SHIM_CONFIG_H_
#define XRPC_SHIM_CONFIG_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "token_service/base/tls_files.h"

namespace tokens::xrpc {

// What the command line says, each value explained by its flag in config.cc.
struct ShimConfig {
  std::string http_listen;
  std::string http_tls_cert;  // Of the listener; empty, as its key, for plaintext.
  std::string http_tls_key;
  std::string metrics_listen;  // Empty for none.
  std::string token_service;
  TlsFiles tls;  // Towards the token service; empty for plaintext.
  bool allow_plaintext = false;
  std::vector<std::string> service_dids;  // Accepted audiences; the first names this service.
  std::string service_id;
  std::string service_type;
  std::string public_url;
  std::string plc_url;
  std::string did_documents;  // Empty for none.
  bool allow_insecure_resolution = false;
  std::string resolver_ca_file;  // Empty for the system's.
  std::vector<std::string> resolver_connect_to;
  std::string policy;           // Path; empty for none.
  std::string dpop_secret;      // Path; empty for a secret of this process.
  std::string permission_sets;  // Empty for none.
  int workers = 0;
  int max_connections = 0;
  std::string client_address_header;  // Empty for none.
  absl::Duration drain_grace;
};

// The flags as a ShimConfig. Call after ParseFlags.
ShimConfig ReadConfig();

// One line per fault, each beginning with its flag; empty if the program may start.
std::vector<std::string> Check(const ShimConfig& config);

// The DID of this service: the first audience without its fragment.
std::string ServiceDid(const ShimConfig& config);

// The configuration in force, for the log. It holds no secret.
std::string Describe(const ShimConfig& config);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_CONFIG_H_
