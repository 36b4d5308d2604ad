#ifndef TOKEN_SERVICE_BASE_DATETIME_H_
#define TOKEN_SERVICE_BASE_DATETIME_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tokens {

// Text form of instants in atproto records and replies (https://atproto.com/specs/lexicon#datetime).

// `time` in UTC with exactly three fraction digits and "Z", as the specification prefers. Fractions of a millisecond
// are cut off. Instants outside the years 0000 to 9999, which have no such form, become the nearest that has.
std::string FormatDatetime(absl::Time time);

// The instant an atproto datetime names; nothing if `text` is not one (syntax or meaning: no 30 February, no leap
// second, years 0000 to 9999 in UTC). At most 64 bytes; fraction digits after the ninth are ignored.
std::optional<absl::Time> ParseDatetime(absl::string_view text);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_DATETIME_H_
