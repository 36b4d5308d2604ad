#include "token_service/identity/handle.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "token_service/base/did.h"

namespace tokens {

absl::StatusOr<std::string> ParseHandle(absl::string_view text, WebHosts hosts) {
  if (!IsValidHandle(text)) return absl::InvalidArgumentError("handle_syntax: it must be a handle, alice.example.com");
  if (!IsTakenBy(hosts, text)) return absl::InvalidArgumentError("handle_reserved: nobody has handles in this domain");
  return absl::AsciiStrToLower(text);
}

}  // namespace tokens
