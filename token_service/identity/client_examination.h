#ifndef TOKEN_SERVICE_IDENTITY_CLIENT_EXAMINATION_H_
#define TOKEN_SERVICE_IDENTITY_CLIENT_EXAMINATION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "token_service/identity/client_metadata.h"
#include "token_service/identity/https_fetcher.h"

namespace tokens {

// Gets a URL as JSON, with the errors of HttpsFetcher::Get. Thread-safe; blocks for a bounded time.
using GetJson = std::function<absl::StatusOr<HttpReply>(const std::string& url)>;

// What an examination of a client went through.
struct ClientStep {
  const char* name;  // "client_id", "fetch_document", "check_document", "fetch_keys", "check_keys".
  absl::Status outcome;
};

struct ClientExamination {
  std::vector<ClientStep> steps;          // In order; only the last can have failed.
  absl::StatusOr<ClientMetadata> client;  // Its error is the last step's.
};

// Finds out about the OAuth client `client_id`: its id, its document, the keys that the document links to. Each fetch
// must be answered with exactly 200 and application/json. A loopback client is fetched nothing for.
// ClientRejected: a rule is broken, or the host does not exist, is not public or says 4xx: the client's fault.
// UNAVAILABLE or DEADLINE_EXCEEDED: could not tell. `get` follows no redirects; one is UNAVAILABLE.
ClientExamination ExamineClient(const std::string& client_id, const GetJson& get);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_CLIENT_EXAMINATION_H_
