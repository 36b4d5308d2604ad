#ifndef TOKEN_SERVICE_JOSE_JWT_PARTS_H_
#define TOKEN_SERVICE_JOSE_JWT_PARTS_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "token_service/jose/signing_key.h"

namespace tokens {

// A JWT taken apart (RFC 7519, RFC 7515 §7.1), with nothing judged yet: no signature checked, no claim believed. The
// view is into the text it was made from.
struct JwtParts {
  nlohmann::json header;   // An object,
  nlohmann::json payload;  // and so is this.
  std::string signature;
  absl::string_view signed_part;  // "header.payload", as sent.
};

// Nothing unless `jwt` is at most `max_bytes` of three parts, each canonical unpadded base64url, the first two strict
// JSON objects and the third not empty.
std::optional<JwtParts> TakeJwtApart(absl::string_view jwt, size_t max_bytes);

// The header's `alg`: "ES256" or "ES256K". Nothing for all else ("none" included), and if the header has `crit`, which
// names extensions that must be understood (RFC 7515 §4.1.11): we understand none.
std::optional<std::string> JwtAlgorithm(const nlohmann::json& header);

// True if the header's `typ` is `type`, given in lower case. Media types have no letter case, and "application/" may be
// left out (RFC 7515 §4.1.9).
bool JwtTypeIs(const nlohmann::json& header, absl::string_view type);

// True if `key` is one for the algorithm that the header names and the signature is its. Any S is taken.
bool JwtSignatureFits(const JwtParts& parts, const SigningKey& key);

// The claim `name`. False if it is there and not a string.
bool ReadStringClaim(const nlohmann::json& payload, const char* name, std::optional<std::string>& value);

// The claim `name`, in seconds since 1970, with or without a fraction (RFC 7519 §2, NumericDate). False if it is there
// and not a number. A number beyond all calendars becomes an infinite past or future.
bool ReadTimeClaim(const nlohmann::json& payload, const char* name, std::optional<absl::Time>& value);

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_JWT_PARTS_H_
