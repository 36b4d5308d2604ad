#ifndef XRPC_SHIM_SHIM_POLICY_H_
#define XRPC_SHIM_SHIM_POLICY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "xrpc_shim/rate_limiter.h"

namespace tokens::xrpc {

// An authorization server whose DPoP-bound access tokens are taken.
struct OauthIssuer {
  std::string url;        // An origin, https://HOST or https://HOST:PORT.
  std::string jwks_file;  // Its keys; empty where they are fetched from it.
  // Whether its tokens are taken for accounts of every PDS.
  bool trusted_for_all_accounts = false;

  friend bool operator==(const OauthIssuer&, const OauthIssuer&) = default;
};

// What the operator's policy (proto/didpic/token/v1/policy.proto) says to this program. A value.
struct ShimPolicy {
  std::vector<OauthIssuer> oauth_issuers;
  RateLimit per_viewer;
  RateLimit per_address;
  std::string digest;  // Sha256Prefix of the file; empty without one.
};

// What the command line makes of the policy.
struct ShimPolicyRules {
  bool allow_http_issuers = false;  // Development.
  bool knows_public_url = true;     // Without one no DPoP proof can be checked.
};

// Reads a Policy message as textproto. The whole of it must be of the right shape; what only token_service uses is not
// looked at further. INVALID_ARGUMENT with one line per fault.
absl::StatusOr<ShimPolicy> ParseShimPolicy(const std::string& textproto, const ShimPolicyRules& rules);

// The same of a file. An empty path is an empty policy. Otherwise also the errors of ReadFile.
absl::StatusOr<ShimPolicy> ReadShimPolicy(const std::string& path, const ShimPolicyRules& rules);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_SHIM_POLICY_H_
