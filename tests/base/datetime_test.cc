#include "token_service/base/datetime.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/interop_vectors.h"

namespace tokens::testing {
namespace {

absl::Time Utc(int64_t year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second), absl::UTCTimeZone());
}

TEST(DatetimeTest, IsWrittenWithThreeDigitsAndZ) {
  const struct {
    absl::Time time;
    const char* text;
  } cases[] = {
      {Utc(2027, 11, 22, 10), "2027-11-22T10:00:00.000Z"},
      {Utc(1985, 4, 12, 23, 20, 50) + absl::Milliseconds(120), "1985-04-12T23:20:50.120Z"},
      {Utc(1999, 12, 31, 23, 59, 59) + absl::Microseconds(999'999), "1999-12-31T23:59:59.999Z"},
      {Utc(1969, 12, 31, 23, 59, 59) + absl::Microseconds(999'999), "1969-12-31T23:59:59.999Z"},
      {Utc(7, 1, 2), "0007-01-02T00:00:00.000Z"},
      {Utc(-1, 1, 1), "0000-01-01T00:00:00.000Z"},
      {Utc(10000, 1, 1), "9999-12-31T23:59:59.999Z"},
      {absl::InfiniteFuture(), "9999-12-31T23:59:59.999Z"},
      {absl::InfinitePast(), "0000-01-01T00:00:00.000Z"},
  };
  for (const auto& [time, text] : cases) {
    EXPECT_EQ(FormatDatetime(time), text);
    EXPECT_TRUE(ParseDatetime(text).has_value()) << text;
  }
}

TEST(DatetimeTest, NamesTheInstantInUtc) {
  const absl::Time base = Utc(1985, 4, 12, 23, 20, 50);
  const struct {
    const char* text;
    absl::Time time;
  } cases[] = {
      {"1985-04-12T23:20:50Z", base},
      {"1985-04-12T23:20:50.0Z", base},
      {"1985-04-12T23:20:50.123Z", base + absl::Milliseconds(123)},
      {"1985-04-12T23:20:50.1234567899999Z", base + absl::Nanoseconds(123'456'789)},
      {"1985-04-12T23:20:50+00:00", base},
      {"1985-04-12T23:20:50+01:45", base - absl::Minutes(105)},
      {"1985-04-12T23:20:50.5-07:00", base + absl::Hours(7) + absl::Milliseconds(500)},
      {"1985-04-12T23:20:50-23:59", base + absl::Minutes(23 * 60 + 59)},
      {"2024-02-29T00:00:00Z", Utc(2024, 2, 29)},
      {"0000-01-01T00:00:00.000Z", Utc(0, 1, 1)},
      {"9999-12-31T23:59:59Z", Utc(9999, 12, 31, 23, 59, 59)},
  };
  for (const auto& [text, time] : cases) EXPECT_EQ(ParseDatetime(text), std::optional(time)) << text;
}

TEST(DatetimeTest, WhatIsNotADatetimeNamesNothing) {
  const std::string cases[] = {
      "",
      "1985-04-12",
      "1985-04-12T23:20Z",
      "1985-04-12T23:20:50",
      "1985-04-12T23:20:50.Z",
      "1985-04-12T23:20:50,123Z",
      "1985-04-12t23:20:50Z",
      "1985-04-12 23:20:50Z",
      "1985-04-12T23:20:50z",
      "1985-04-12T23:20:50-00:00",
      "1985-04-12T23:20:50+0000",
      "1985-04-12T23:20:50+24:00",
      "1985-04-12T23:20:50+00:60",
      "1985-04-12T23:20:50.123Z ",
      " 1985-04-12T23:20:50.123Z",
      "1985-04-12T23:20:50.123Z\n",
      "1985-04-12T23:20:50.123ZZ",
      "+985-04-12T23:20:50Z",
      "01985-04-12T23:20:50Z",
      "1985-00-12T23:20:50Z",
      "1985-13-12T23:20:50Z",
      "1985-04-00T23:20:50Z",
      "1985-04-31T23:20:50Z",
      "2023-02-29T00:00:00Z",
      "1985-04-12T24:00:00Z",
      "1985-04-12T23:60:50Z",
      "1985-06-30T23:59:60Z",  // A leap second has no place in POSIX time.
      "0000-01-01T00:00:00+01:00",
      "9999-12-31T23:59:59-00:01",
      "1985-04-12T23:20:50." + std::string(44, '1') + "Z",  // 65 bytes.
  };
  for (const std::string& text : cases) EXPECT_EQ(ParseDatetime(text), std::nullopt) << text;
  EXPECT_TRUE(ParseDatetime("1985-04-12T23:20:50." + std::string(43, '1') + "Z").has_value());
}

TEST(DatetimeInteropTest, PublicVectorsAreJudgedAsTheyAskFor) {
  SKIP_WITHOUT_INTEROP_VECTORS();
  for (const auto& text : InteropLines("syntax/datetime_syntax_valid.txt")) {
    EXPECT_TRUE(ParseDatetime(text).has_value()) << text;
  }
  for (const char* file : {"syntax/datetime_syntax_invalid.txt", "syntax/datetime_parse_invalid.txt"}) {
    for (const auto& text : InteropLines(file)) EXPECT_EQ(ParseDatetime(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tokens::testing
