#ifndef TOKEN_SERVICE_CALLER_AUTHORIZER_H_
#define TOKEN_SERVICE_CALLER_AUTHORIZER_H_

#include <grpcpp/server_context.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "token_service/base/clock.h"
#include "token_service/base/mutex.h"
#include "token_service/peer_certificate.h"
#include "token_service/policy_file.h"
#include "token_service/revocation_file.h"

namespace tokens {

// Who calls.
struct Caller {
  std::string name;        // The certificate's name that the policy lists, or kPlaintextCaller; empty if unknown.
  absl::string_view role;  // By which the call is allowed (CallerRoleName); empty if it is not.
};

// Everybody who comes without TLS: only this machine can, unless --allow_plaintext lets others.
inline constexpr char kPlaintextCaller[] = "plaintext";

// What callers over mutual TLS are judged by. All must outlive the authorizer.
struct CallerSources {
  const PolicyFile& policy;
  const RevocationFile& revocations;
  Clock& clock;
};

// Decides whether a call may be made, by the caller's certificate, the policy's callers and the table of rpc_access.h.
// The policy and the revocations in force at the time of the call decide, so that a change reaches open connections.
// Thread-safe.
class CallerAuthorizer {
 public:
  // For a listener without TLS: every caller has the role that an RPC asks for.
  CallerAuthorizer() = default;
  // For a listener with mutual TLS.
  explicit CallerAuthorizer(const CallerSources& sources) : sources_(sources) {}

  // OK if `method` ("Mint") may be called by whoever made the call of `context`. Fills `caller` as far as it is known.
  // UNAUTHENTICATED: no certificate, or one that has expired or is revoked. PERMISSION_DENIED: the policy lists none of
  // its names, or gives it no role for the method; or the method has no row in the table. Each with an ErrorInfo.
  absl::Status Authorize(const grpc::CallbackServerContext& context, absl::string_view method, Caller* caller) const;

  // For a TLS handshake: UNAUTHENTICATED, as above, if a certificate whose chain has been verified does not hold.
  absl::Status CheckCertificate(absl::string_view pem) const;

 private:
  absl::StatusOr<std::shared_ptr<const PeerCertificate>> Read(absl::string_view pem) const;
  absl::Status CheckHolds(const PeerCertificate& certificate) const;

  const std::optional<CallerSources> sources_;
  mutable Mutex mutex_;
  // Certificates seen, by their PEM: to read one takes as long as a whole Validate.
  mutable absl::flat_hash_map<std::string, std::shared_ptr<const PeerCertificate>> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_CALLER_AUTHORIZER_H_
