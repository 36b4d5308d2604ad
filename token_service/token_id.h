#ifndef TOKEN_SERVICE_TOKEN_ID_H_
#define TOKEN_SERVICE_TOKEN_ID_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "storage/token_digest.h"

namespace tokens {

// A token's public name: the first 16 bytes of its digest in lower-case hex. Safe to log and to show.
std::string TokenIdOf(const storage::TokenDigest& digest);

// The 16 bytes that `token_id` names; nothing unless it is 32 characters of lower-case hex.
std::optional<std::string> ParseTokenId(absl::string_view token_id);

}  // namespace tokens

#endif  // TOKEN_SERVICE_TOKEN_ID_H_
