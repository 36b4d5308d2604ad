#ifndef TOKEN_SERVICE_JOSE_STRICT_JSON_H_
#define TOKEN_SERVICE_JOSE_STRICT_JSON_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tokens {

// What a text may be before it is worth reading.
struct JsonLimits {
  size_t max_bytes;
  size_t max_depth;  // Of objects and arrays in each other: 1 is `{}`.
};

// Reads JSON that a stranger wrote. More is refused than RFC 8259 asks for, so that no two readers can understand one
// text differently: a member name that occurs twice in an object (also when escaped differently), text that is not
// UTF-8, an unpaired surrogate, a number beyond the range of a double, a byte order mark, and anything but white space
// after the value. Never throws; an error never quotes the text. INVALID_ARGUMENT: too long, too deep, a name twice, or
// not JSON.
absl::StatusOr<nlohmann::json> ParseStrictJson(absl::string_view text, JsonLimits limits);

// The string member `name` of `value`; null if `value` is not an object or has no string of that name.
const std::string* FindString(const nlohmann::json& value, const char* name);

}  // namespace tokens

#endif  // TOKEN_SERVICE_JOSE_STRICT_JSON_H_
