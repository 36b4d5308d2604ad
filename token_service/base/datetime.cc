#include "token_service/base/datetime.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"

namespace tokens {
namespace {

constexpr size_t kMaxDatetimeBytes = 64;

absl::Time FirstInstant() { return absl::FromCivil(absl::CivilSecond(0, 1, 1), absl::UTCTimeZone()); }
absl::Time EndOfTime() { return absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone()); }

// Takes a number of exactly `digits` digits and of at most `max` off the front of `text`.
bool ConsumeNumber(absl::string_view& text, size_t digits, int max, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (const char c : text.substr(0, digits)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value <= max;
}

// "YYYY-MM-DDTHH:mm:ss".
bool ConsumeCivilSecond(absl::string_view& text, absl::CivilSecond& second) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, sec = 0;
  const bool well_formed =
      ConsumeNumber(text, 4, 9999, year) && absl::ConsumePrefix(&text, "-") && ConsumeNumber(text, 2, 12, month) &&
      absl::ConsumePrefix(&text, "-") && ConsumeNumber(text, 2, 31, day) && absl::ConsumePrefix(&text, "T") &&
      ConsumeNumber(text, 2, 23, hour) && absl::ConsumePrefix(&text, ":") && ConsumeNumber(text, 2, 59, minute) &&
      absl::ConsumePrefix(&text, ":") && ConsumeNumber(text, 2, 59, sec);
  if (!well_formed) return false;
  second = absl::CivilSecond(year, month, day, hour, minute, sec);
  return second.month() == month && second.day() == day;  // CivilSecond turns 30 February into 1 March.
}

// Nothing, or "." and at least one digit.
bool ConsumeFraction(absl::string_view& text, absl::Duration& fraction) {
  fraction = absl::ZeroDuration();
  if (!absl::ConsumePrefix(&text, ".")) return true;
  const auto* const end = std::find_if_not(text.begin(), text.end(), absl::ascii_isdigit);
  const size_t digits = static_cast<size_t>(end - text.begin());
  int64_t nanoseconds = 0;
  for (size_t i = 0; i < 9; ++i) nanoseconds = nanoseconds * 10 + (i < digits ? text[i] - '0' : 0);
  fraction = absl::Nanoseconds(nanoseconds);
  text.remove_prefix(digits);
  return digits > 0;
}

// "Z", "+hh:mm" or "-hh:mm"; RFC 3339's "-00:00" (offset not known) is not an atproto zone.
bool ConsumeZone(absl::string_view& text, absl::Duration& offset) {
  offset = absl::ZeroDuration();
  if (absl::ConsumePrefix(&text, "Z")) return true;
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative && !absl::ConsumePrefix(&text, "+")) return false;
  int hours = 0, minutes = 0;
  if (!ConsumeNumber(text, 2, 23, hours) || !absl::ConsumePrefix(&text, ":")) return false;
  if (!ConsumeNumber(text, 2, 59, minutes)) return false;
  offset = absl::Hours(hours) + absl::Minutes(minutes);
  if (!negative) return true;
  offset = -offset;
  return offset != absl::ZeroDuration();
}

}  // namespace

std::string FormatDatetime(absl::Time time) {
  time = std::clamp(time, FirstInstant(), EndOfTime() - absl::Milliseconds(1));
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::optional<absl::Time> ParseDatetime(absl::string_view text) {
  absl::CivilSecond second;
  absl::Duration fraction;
  absl::Duration offset;
  if (text.size() > kMaxDatetimeBytes || !ConsumeCivilSecond(text, second) || !ConsumeFraction(text, fraction) ||
      !ConsumeZone(text, offset) || !text.empty()) {
    return std::nullopt;
  }
  const absl::Time time = absl::FromCivil(second, absl::UTCTimeZone()) + fraction - offset;
  if (time < FirstInstant() || time >= EndOfTime()) return std::nullopt;
  return time;
}

}  // namespace tokens
