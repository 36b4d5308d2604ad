#include "token_service/identity/did_plc.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "token_service/identity/did_reply.h"

namespace tokens {

absl::StatusOr<std::string> FetchPlcDocument(HttpsFetcher& fetcher, const std::string& plc_url,
                                             const std::string& did) {
  absl::StatusOr<HttpReply> reply = fetcher.Get(absl::StrCat(plc_url, "/", did), kDidDocumentTypes);
  if (reply.ok()) return DocumentIn(*std::move(reply), did);
  if (absl::IsDeadlineExceeded(reply.status())) return reply.status();
  // The operator chose the directory: whatever is wrong with its address says nothing about the DID.
  return absl::UnavailableError(absl::StrCat("PLC directory: ", reply.status().message()));
}

}  // namespace tokens
