#ifndef TOKEN_SERVICE_BASE_DATETIME_H_
#define TOKEN_SERVICE_BASE_DATETIME_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tokens {

// `time` as an atproto datetime (https://atproto.com/specs/lexicon#datetime): UTC, exactly three fraction digits, "Z".
// Fractions of a millisecond are cut off.
std::string FormatDatetime(absl::Time time);

// The instant an atproto datetime names; nothing if `text` is not one (syntax or meaning).
std::optional<absl::Time> ParseDatetime(absl::string_view text);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_DATETIME_H_
