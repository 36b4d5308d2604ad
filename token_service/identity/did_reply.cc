#include "token_service/identity/did_reply.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace tokens {

absl::StatusOr<std::string> DocumentIn(HttpReply reply, const std::string& did) {
  if (reply.http_status >= 200 && reply.http_status < 300) return std::move(reply.body);
  if (reply.http_status == 404 || reply.http_status == 410)
    return absl::NotFoundError(absl::StrCat("no such DID: ", did));
  return absl::UnavailableError(absl::StrCat("status ", reply.http_status, " for ", did));
}

}  // namespace tokens
