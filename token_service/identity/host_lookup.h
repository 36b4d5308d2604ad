#ifndef TOKEN_SERVICE_IDENTITY_HOST_LOOKUP_H_
#define TOKEN_SERVICE_IDENTITY_HOST_LOOKUP_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tokens {

// What the system's resolver says about a host name.
struct ResolverAnswer {
  int error = 0;                       // As getaddrinfo returns it: 0 or EAI_….
  std::vector<std::string> addresses;  // Numeric, IPv4 or IPv6, in order of preference.
};

// Asks for the addresses of `host`. Thread-safe; may block for much longer than anybody wants to wait.
using AskResolver = std::function<ResolverAnswer(const std::string& host)>;

// getaddrinfo.
ResolverAnswer AskSystemResolver(const std::string& host);

// Host names to addresses within a time of the caller's choosing. libcurl can do that too, but it does not tell a name
// that does not exist from a name server that does not answer. Thread-safe.
class HostLookup {
 public:
  // At most `limit` questions are open at a time, counting those whose asker has given up.
  HostLookup(AskResolver ask, int limit);

  // The addresses of `host`, at least one. Does not judge them.
  // NOT_FOUND: the name does not exist or has no address. UNAVAILABLE: the name server failed, or the limit is reached.
  // DEADLINE_EXCEEDED: no answer within `timeout`.
  absl::StatusOr<std::vector<std::string>> Find(const std::string& host, absl::Duration timeout);

 private:
  struct Questions;

  const AskResolver ask_;
  const int limit_;
  // Shared with the threads that ask, which nothing can stop and which may outlive this object.
  const std::shared_ptr<Questions> open_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_HOST_LOOKUP_H_
