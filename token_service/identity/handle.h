#ifndef TOKEN_SERVICE_IDENTITY_HANDLE_H_
#define TOKEN_SERVICE_IDENTITY_HANDLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "token_service/identity/host_rules.h"

namespace tokens {

// What stands for the handle of an account whose own cannot be shown to be its (https://atproto.com/specs/handle).
inline constexpr char kInvalidHandle[] = "handle.invalid";

// `text` in the form in which handles are compared and looked up: lower case.
// INVALID_ARGUMENT, the text beginning with the id of the rule: handle_syntax, or handle_reserved for a top-level
// domain that `hosts` does not take.
absl::StatusOr<std::string> ParseHandle(absl::string_view text, WebHosts hosts);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_HANDLE_H_
